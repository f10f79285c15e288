"""Uploaded import files, kept for one day under a signed name."""

import uuid
from dataclasses import dataclass
from pathlib import Path

from django.core import signing

from experiments import storage
from experiments.services.datasets.upload_files import plain_name

SALT = "import"
ENDINGS = (".zip", ".csv", ".jsonl", ".json", ".db", ".sqlite", ".sqlite3", ".ndjson")


class Gone(Exception):
    """The file is no longer there, or the token is not one of ours."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that waits for a decision; token names it to the person that brought it."""

    path: Path
    name: str
    token: str


def keep_import(arrived: Path, name: str, *, person: int) -> Waiting:
    """Move an arrived file to where housekeeping sweeps it after a day."""
    shown = plain_name(name)
    ending = Path(shown).suffix.lower()
    ending = ending if ending in ENDINGS else ".upload"
    kept = storage.data_dir() / "uploads" / "imports" / f"{uuid.uuid4().hex}{ending}"
    kept.parent.mkdir(parents=True, exist_ok=True)
    arrived.replace(kept)
    token = signing.dumps([person, kept.name, shown], salt=SALT)
    return Waiting(kept, shown, token)


def waiting_import(token: str, *, person: int) -> Waiting:
    """The file that a token names, which is still there. Raises Gone."""
    found = named_import(token, person=person)
    if not found.path.is_file():
        raise Gone
    return found


def named_import(token: str, *, person: int) -> Waiting:
    """The file that a token names to its person, be it there or taken over by now. Raises Gone."""
    try:
        owner, file, name = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise Gone from error
    path = storage.data_dir() / "uploads" / "imports" / str(file)
    if owner != person:
        raise Gone
    return Waiting(path, str(name), token)
