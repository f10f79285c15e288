"""Uploaded files below DATA_DIR/uploads: kept under a name of our own, hashed."""

import uuid
from pathlib import Path

from django.conf import settings

from experiments import storage
from experiments.digests import sha256_of
from experiments.ingest.formats import Source, check_start, format_of
from experiments.ingest.limits import Limits
from experiments.services.datasets.uploads import KeptFile

LONGEST_NAME = 300


def limits() -> Limits:
    """The limits of an upload, from the settings."""
    return Limits(
        upload_bytes=settings.UPLOAD_LIMIT_BYTES,
        rows=settings.UPLOAD_LIMIT_ROWS,
        columns=settings.UPLOAD_LIMIT_COLUMNS,
        inflated_bytes=settings.UPLOAD_LIMIT_INFLATED_BYTES,
        entries=settings.UPLOAD_LIMIT_ENTRIES,
        member_bytes=settings.UPLOAD_LIMIT_MEMBER_BYTES,
        pixels=settings.UPLOAD_LIMIT_PIXELS,
    )


def keep_upload(arrived: Path, name: str, *, has_header: bool = True) -> KeptFile:
    """Check the start of an arrived file, then rename it; raises DataRefused and keeps nothing."""
    shown = plain_name(name)
    format_ = format_of(shown)
    check_start(Source(arrived, format_, has_header), limits())
    sha256 = sha256_of(arrived)
    kept = storage.data_dir() / "uploads" / f"{uuid.uuid4().hex}.{format_}"
    kept.parent.mkdir(parents=True, exist_ok=True)
    size = arrived.stat().st_size
    arrived.replace(kept)
    storage.sync_folder(kept.parent)
    return KeptFile(storage.relative(kept), shown, size, sha256, format_, has_header)


def plain_name(name: str) -> str:
    """The last part of a file's name, without what can't be printed; never used as a path."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(one for one in last if one.isprintable()).strip()
    if len(plain) > LONGEST_NAME:
        stem, dot, ending = plain.rpartition(".")
        plain = f"{stem[: LONGEST_NAME - 20]}…{dot}{ending[:10]}"
    return plain or "upload"
