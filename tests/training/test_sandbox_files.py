"""What a sandboxed trial leaves is copied as far as it may take room at a time."""

import os
import shutil

import pytest

from experiments.training import sandbox_files
from experiments.training.messages import CheckpointSaved
from experiments.training.sandbox_files import BadOutput, TrialFiles, copy_regular
from tests.training.orders import trial_order

SIZE = 1000


@pytest.fixture
def files(tmp_path):
    for name in ("in", "out", "attempt", "data"):
        (tmp_path / name).mkdir(exist_ok=True)
    (tmp_path / "split.npz").write_bytes(b"split")
    return TrialFiles(tmp_path, "1", trial_order(tmp_path), os.getuid(), 3 * SIZE)


def save(files, tmp_path, epoch) -> CheckpointSaved:
    folder = tmp_path / "out" / "1" / f"checkpoint-{epoch}"
    folder.mkdir()
    (folder / "weights").write_bytes(b"w" * SIZE)
    return files.collect(CheckpointSaved(7, epoch, str(folder)))


def test_checkpoints_that_the_child_dropped_count_no_more(files, tmp_path):
    for epoch in range(1, 9):
        save(files, tmp_path, epoch)
        if epoch > 1:
            shutil.rmtree(tmp_path / "out" / "1" / f"checkpoint-{epoch - 1}")
    kept = sorted(path.name for path in (tmp_path / "attempt").iterdir())
    assert kept == ["checkpoint-7", "checkpoint-8"]


def test_checkpoints_that_stay_are_too_much_in_the_end(files, tmp_path):
    for epoch in range(1, 4):
        save(files, tmp_path, epoch)
    with pytest.raises(BadOutput):
        save(files, tmp_path, 4)


@pytest.mark.parametrize("grown", [2 * SIZE, 4 * SIZE], ids=["within", "beyond"])
def test_a_file_that_grows_while_it_is_copied_is_told(tmp_path, monkeypatch, grown):
    source = tmp_path / "weights"
    source.write_bytes(b"w" * SIZE)
    real = os.fstat

    def fstat(handle):
        """What was looked at is what was there; what is read is what is there then."""
        told = real(handle)
        source.write_bytes(b"w" * grown)
        return told

    monkeypatch.setattr(sandbox_files.os, "fstat", fstat)
    with pytest.raises(BadOutput, match="“weights” changed while it was copied"):
        copy_regular(tmp_path, "weights", tmp_path / "copy", 3 * SIZE)
