"""Stored files that are missing or hold something else: which they are, and what to do, in words."""

from pathlib import Path
from typing import Final

from experiments import storage
from experiments.digests import ChangedFile, whole
from experiments.models import Artifact, DatasetVersion

ROWS: Final = ".rows.npy"  # beside a folder of arrays: a digest of each row
REPAIR: Final = "“manage.py verify --repair”"
SHOWN: Final = 12  # characters of a digest


def artifact_file(artifact: Artifact) -> Path:
    """The file of a record, with the content that it had when it was stored. Raises ChangedFile."""
    return whole(storage.absolute(artifact.path), artifact.sha256)


def in_words(changed: ChangedFile) -> str:
    """Say which file it is, what was expected and found, and how to restore it."""
    name = storage.relative(changed.path)
    about, fix = _about(name)
    if not changed.found:
        return f"{about} is missing. {fix}"
    expected = f"SHA-256 {changed.expected[:SHOWN]} expected, " if changed.expected else ""
    return f"{about} has changed: {expected}{changed.found[:SHOWN]} found. {fix}"


def can_be_remade(version: DatasetVersion) -> bool:
    """Whether its arrays can be made anew: of a built-in dataset, or from the file that was uploaded."""
    return bool(version.dataset.built_in or version.source_path)


def _about(name: str) -> tuple[str, str]:
    """What a file below the data folder is, and what restores it."""
    folder, _, rest = name.partition("/")
    backup = "estore it from a backup of the data folder."
    if folder == "splits":
        fix = f"Run {REPAIR}, which makes it anew, or r{backup}"
        return f"The split {rest[:SHOWN]} (file {name})", fix
    if folder == "cuts":
        return f"The copy without locked rows (file {name})", "The next trial makes it anew."
    if folder == "datasets" and (version := _version_of(rest)) is not None:
        held = rest.rsplit("/", 1)[-1] if "/" in rest or rest.endswith(ROWS) else "folder"
        about = f"The {held} of {version.dataset.name} v{version.number} (file {name})"
        if can_be_remade(version):
            return about, f"Run {REPAIR}, which makes it anew, or r{backup}"
        return about, f"R{backup}"
    artifact = Artifact.objects.filter(path=name).select_related("trial").first()
    if artifact is None:
        return f"The file {name}", f"R{backup}"
    about = f"The {artifact.kind} file of trial {artifact.trial.number} (file {name})"
    if artifact.kind == Artifact.Kind.BUNDLE:
        return about, f"Run {REPAIR}, which makes it anew, or r{backup}"
    return about, f"R{backup}"


def _version_of(rest: str) -> DatasetVersion | None:
    """Whose arrays a path below `datasets/` belongs to; of several the first."""
    digest = rest.split("/")[0].split(".")[0]
    found = DatasetVersion.objects.filter(digest=digest).select_related("dataset")
    return found.order_by("pk").first()
