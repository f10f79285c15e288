"""Arrays without locked rows: what they hold, who shares them, and how long they stay."""

import os
import time

import numpy as np
import pytest

from experiments import storage
from experiments.evaluation.splits import Split
from experiments.services.datasets import cuts
from experiments.services.datasets.cuts import drop_idle_cuts, training_folder
from experiments.services.site.sweep import sweep_files

DIGEST = "d" * 64
ROWS = 10


@pytest.fixture
def whole(data_dir):
    """A version of ten rows; row 3 holds 30, 31 and so on."""
    folder = storage.dataset_folder(DIGEST)
    folder.mkdir(parents=True)
    numbers = np.arange(ROWS)[:, None] * 10 + np.arange(3)
    np.save(folder / "numbers.npy", numbers.astype("float32"))
    np.save(folder / "y.npy", np.arange(ROWS) * 100)
    (folder / "schema.json").write_text("{}")
    return folder


def split(*parts, locked=()):
    """Store a split, each part a pair of lists."""
    arrays = [tuple(np.array(rows, dtype=np.int64) for rows in part) for part in parts]
    found = Split.of(arrays, np.array(locked, dtype=np.int64))
    storage.save_split(found)
    return found.hash


def test_a_cut_holds_the_rows_that_train_or_validate_and_their_numbers(whole, monkeypatch):
    monkeypatch.setattr(cuts, "PIECE", 20)  # bytes: less than two rows
    kept = [0, 2, 3, 5, 6, 8]
    folder = training_folder(DIGEST, split(([0, 3, 6], [2, 5, 8]), locked=(1, 4, 7, 9)))
    assert {path.name for path in folder.iterdir()} == {
        "numbers.npy", "y.npy", "rows.npy", "schema.json", "sums.json",
    }  # fmt: skip
    assert np.load(folder / "rows.npy").tolist() == kept
    assert np.load(folder / "y.npy").tolist() == [row * 100 for row in kept]
    numbers = np.load(folder / "numbers.npy")
    assert numbers.dtype == np.float32 and numbers[:, 0].tolist() == [row * 10 for row in kept]
    assert all(path.stat().st_mode & 0o777 == 0o644 for path in folder.glob("*.npy"))


def test_where_no_row_is_locked_nothing_is_copied(whole):
    assert training_folder(DIGEST, split(([*range(6)], [6, 7, 8, 9]))) == whole
    assert not storage.cuts_folder().exists()


def test_splits_of_the_same_rows_share_a_cut(whole):
    search = split(([0, 1, 2], [3, 4]), ([3, 4, 0], [1, 2]), locked=(5, 6, 7, 8, 9))
    refit = split(([0, 1, 2, 3, 4], []), locked=(5, 6, 7, 8, 9))
    other = split(([0, 1, 2], [3, 9]), locked=(4, 5, 6, 7, 8))
    folder = training_folder(DIGEST, search)
    made = folder.stat().st_ino
    assert training_folder(DIGEST, refit) == folder and folder.stat().st_ino == made
    assert training_folder(DIGEST, other) != folder
    assert len([*storage.cuts_folder().iterdir()]) == 2


def test_a_crash_leaves_no_half_cut_and_a_second_worker_finds_the_firsts(whole, monkeypatch):
    hashed = split(([0, 1], [2]), locked=(3, 4, 5, 6, 7, 8, 9))
    write = cuts.write_rows

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cuts, "write_rows", full)
    with pytest.raises(OSError, match="No space"):
        training_folder(DIGEST, hashed)
    assert [*storage.cuts_folder().iterdir()] == []

    def slow(source, rows, target):
        """The other worker is done first."""
        monkeypatch.setattr(cuts, "write_rows", write)
        training_folder(DIGEST, hashed)
        write(source, rows, target)

    monkeypatch.setattr(cuts, "write_rows", slow)
    folder = training_folder(DIGEST, hashed)
    assert [*storage.cuts_folder().iterdir()] == [folder]
    assert np.load(folder / "y.npy").tolist() == [0, 100, 200]


@pytest.mark.django_db
def test_a_cut_goes_after_a_day_without_an_order_and_comes_back(whole):
    hashed = split(([0, 1], [2]), locked=(3, 4, 5, 6, 7, 8, 9))
    folder = training_folder(DIGEST, hashed)
    half = storage.cuts_folder() / ".staging-crashed"
    half.mkdir()
    long_ago = time.time() - cuts.IDLE_SECONDS - 1
    for path in (folder, half):
        os.utime(path, (long_ago, long_ago))
    assert training_folder(DIGEST, hashed) == folder
    assert drop_idle_cuts() == [half], "the order has named the cut today"
    os.utime(folder, (long_ago, long_ago))
    assert folder in sweep_files() and not folder.exists()
    assert training_folder(DIGEST, hashed).is_dir()
