"""A data folder that can't hold the product is refused before anything starts."""

import os
import shutil
import subprocess
from collections import namedtuple
from pathlib import Path

import pytest

from experiments.stack import data_folder
from experiments.stack.data_folder import prepare_data_folder
from experiments.stack.progress import StartRefused
from tests.left_out import may_mount


def test_the_folder_is_made_for_its_owner_alone(tmp_path):
    prepare_data_folder(tmp_path / "a" / "data", sqlite=True)
    assert (tmp_path / "a" / "data").stat().st_mode & 0o777 == 0o700


def test_a_file_in_its_place_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StartRefused, match="isn't writable"):
        prepare_data_folder(tmp_path / "file", sqlite=True)


def test_a_full_disk_is_refused_with_the_numbers(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")(10**9, 10**9 - 5 * 1024**2, 5 * 1024**2)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(StartRefused, match="is full: 5 MB are free, 300 MB are required"):
        prepare_data_folder(tmp_path, sqlite=True)


@pytest.fixture
def read_only(tmp_path):
    """A folder that takes no files; root writes through any mode, but not into a read-only mount."""
    if os.geteuid() == 0 and may_mount():
        subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "none", str(tmp_path)], check=True)
        yield tmp_path
        subprocess.run(["umount", str(tmp_path)], check=True)
    elif os.geteuid() == 0:
        yield Path("/proc/self/data")
    else:
        tmp_path.chmod(0o555)
        yield tmp_path


def test_a_read_only_folder_is_refused(read_only):
    with pytest.raises(StartRefused, match="isn't writable"):
        prepare_data_folder(read_only, sqlite=True)


def test_sqlite_on_a_network_file_system_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(data_folder, "file_system", lambda folder: "nfs4")
    with pytest.raises(StartRefused, match="network file system"):
        prepare_data_folder(tmp_path, sqlite=True)
    prepare_data_folder(tmp_path, sqlite=False)


def test_the_file_system_is_read_from_the_mounts():
    assert data_folder.file_system(data_folder.Path("/proc/self")) == "proc"
