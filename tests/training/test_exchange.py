"""What a walled trial leaves is copied as far as it may take room at a time."""

import os
import shutil

import pytest

from experiments.training.exchange import BadOutput, Desk
from experiments.training.messages import CheckpointSaved
from tests.training.orders import trial_order

SIZE = 1000


@pytest.fixture
def desk(tmp_path):
    for name in ("in", "out", "attempt", "data"):
        (tmp_path / name).mkdir(exist_ok=True)
    (tmp_path / "split.npz").write_bytes(b"split")
    return Desk(tmp_path, "1", trial_order(tmp_path), os.getuid(), 3 * SIZE)


def save(desk, tmp_path, epoch) -> CheckpointSaved:
    folder = tmp_path / "out" / "1" / f"checkpoint-{epoch}"
    folder.mkdir()
    (folder / "weights").write_bytes(b"w" * SIZE)
    return desk.collect(CheckpointSaved(7, epoch, str(folder)))


def test_checkpoints_that_the_child_dropped_count_no_more(desk, tmp_path):
    for epoch in range(1, 9):
        save(desk, tmp_path, epoch)
        if epoch > 1:
            shutil.rmtree(tmp_path / "out" / "1" / f"checkpoint-{epoch - 1}")
    kept = sorted(path.name for path in (tmp_path / "attempt").iterdir())
    assert kept == ["checkpoint-7", "checkpoint-8"]


def test_checkpoints_that_stay_are_too_much_in_the_end(desk, tmp_path):
    for epoch in range(1, 4):
        save(desk, tmp_path, epoch)
    with pytest.raises(BadOutput):
        save(desk, tmp_path, 4)
