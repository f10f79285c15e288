"""The same rows are locked however they were uploaded."""

import numpy as np
import pandas as pd
import pytest

from experiments import storage
from experiments.digests import SUMS
from experiments.evaluation.protocol import Protocol
from experiments.ingest.tables import TableChoice, prepare_table
from experiments.services.datasets.splits import split_of
from tests.services.bundled import digits, version_of

pytestmark = pytest.mark.django_db
LOCKED = Protocol("k_fold", folds=3)


def flowers(n=300):
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "id": np.arange(n),
            "width": rng.normal(size=n).round(3),
            "colour": rng.choice(["Red", "blue", "green"], n),
            "garden": [f"G{i}" for i in rng.integers(0, 60, n)],
            "kind": rng.choice(["a", "b"], n),
        }
    )


def prepared(frame, target="kind", **uses):
    return prepare_table(frame, TableChoice(target, "classification", uses))


def locked(name, frame, protocol=LOCKED, seed=0, **choice):
    """The row numbers of `flowers` that are locked."""
    version = version_of(prepared(frame, **choice), name)
    return set(frame.index[split_of(version, protocol, seed).test])


def test_another_upload_order_seed_kind_of_split_or_choice_locks_the_same_rows(data_dir):
    frame = flowers()
    found = locked("first", frame)
    assert len(found) == 60
    assert locked("again", frame, seed=7) == found
    assert locked("one-part", frame, Protocol("holdout"), 3) == found
    shuffled = frame.sample(frac=1, random_state=1)
    shuffled["id"] = np.arange(len(frame))  # numbered anew
    assert locked("shuffled", shuffled) == found
    assert locked("columns", frame[["kind", "garden", "width", "id", "colour"]]) == found
    assert locked("fewer-inputs", frame, garden="skip", colour="skip") == found
    written = frame.assign(width=frame["width"].map("{:.4f}".format), colour=frame["colour"] + " ")
    assert locked("written-differently", written) == found
    random = Protocol("k_fold", respecting="none")
    assert locked("by-kind", frame, random) == locked(
        "other-target", frame, random, target="colour"
    )


def test_another_site_locks_others(data_dir, settings):
    frame = flowers()
    before = locked("here", frame)
    settings.LOCK_KEY = "another"
    assert len(before & locked("there", frame)) < 30


def test_rows_that_are_added_leave_the_locked_ones_locked(data_dir):
    frame = flowers(600)
    before, after = locked("small", frame[:400]), locked("grown", frame)
    assert len(before) == 80
    assert len(before - after) <= 8


def test_a_group_is_locked_by_its_value(data_dir):
    frame = flowers(600)
    protocol = Protocol("k_fold", folds=3, respecting="groups", column="garden")
    gardens = [
        set(frame.loc[list(locked(name, rows, protocol)), "garden"])
        for name, rows in (("small", frame[:400]), ("grown", frame))
    ]
    assert len(gardens[0] - gardens[1]) <= 3 < len(gardens[0] & gardens[1])


def test_versions_from_before_get_the_same_digests_from_their_arrays(data_dir):
    version = version_of(prepared(flowers(), garden="category"), "flowers")
    stored = storage.row_content(version.digest)
    for path in data_dir.glob(f"datasets/*/{SUMS}"):
        path.unlink()
    storage.dataset_folder(version.digest).with_name(f"{version.digest}.rows.npy").unlink()
    assert np.array_equal(storage.row_content(version.digest), stored)
    keys = data_dir / "datasets" / f"{version.digest}.keys"
    protocol = Protocol("k_fold", folds=3, respecting="groups", column="garden")
    for path in keys.glob("*.values.npy"):
        path.unlink()
    groups = flowers()["garden"]
    test = split_of(version, protocol, 0).test
    assert set(groups[test]).isdisjoint(groups.drop(test))


def test_the_sets_own_test_part_has_digests_too(data_dir):
    from experiments.ingest.images import prepare_images

    x, y = digits().arrays["x"], digits().arrays["y"]
    classes = tuple("0123456789")
    version = version_of(
        prepare_images((x[:200], y[:200]), (x[200:], y[200:]), classes=classes), "d"
    )
    both = version_of(prepare_images((x, y), None, classes=classes), "all")
    own = storage.row_content(version.digest, own_test=True)
    assert np.array_equal(own, storage.row_content(both.digest)[200:])


def test_the_key_is_made_once_and_for_its_owner_alone(data_dir, settings):
    settings.LOCK_KEY = ""
    first = storage.lock_key()
    assert storage.lock_key() == first
    assert (data_dir / "lock_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in data_dir.iterdir()] == ["lock_key"]
    (data_dir / "lock_key").unlink()
    assert storage.lock_key() != first
