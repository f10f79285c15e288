"""Checks the data folder before the start."""

import os
import shutil
import tempfile
from pathlib import Path

import psutil

from experiments.stack.progress import StartRefused

LEAST_FREE_BYTES = 300 * 1024**2
# SQLite's write-ahead log needs memory shared between processes, which these don't give.
NETWORK_FILE_SYSTEMS = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "glusterfs")


def prepare_data_folder(data_dir: Path, *, sqlite: bool) -> None:
    """Make the folder for its owner alone and try it; raise StartRefused with what to do."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=data_dir) as probe:
            probe.write(b"x" * 65_536)
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        raise StartRefused(
            f"The data folder {data_dir} isn't writable ({error.strerror}). Make it "
            "writable, or set DATA_DIR to another folder."
        ) from error
    free = shutil.disk_usage(data_dir).free
    if free < LEAST_FREE_BYTES:
        raise StartRefused(
            f"The disk of {data_dir} is full: {free // 1024**2} MB are free, "
            f"{LEAST_FREE_BYTES // 1024**2} MB are required. Free space, or set "
            "DATA_DIR to another disk."
        )
    kind = file_system(data_dir)
    if sqlite and kind in NETWORK_FILE_SYSTEMS:
        raise StartRefused(
            f"SQLite can't use a network file system ({kind}) such as {data_dir}. Set "
            "DATA_DIR to a local disk, or DATABASE_URL to a PostgreSQL server."
        )


def file_system(folder: Path) -> str:
    """The type of the file system that holds `folder`, empty if it is unknown."""
    mounts = {part.mountpoint: part.fstype for part in psutil.disk_partitions(all=True)}
    for parent in (folder.resolve(), *folder.resolve().parents):
        if str(parent) in mounts:
            return str(mounts[str(parent)])
    return ""
