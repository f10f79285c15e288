"""Splits that respect groups or time, and the dataset's own validation part."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from experiments.evaluation.protocol import RESPECTING, Protocol, ProtocolError
from experiments.evaluation.split_columns import SplitColumn
from experiments.evaluation.splits import Brought
from experiments.evaluation.splitting import deal_again, deal_out

KINDS = ("holdout", "k_fold", "subsampling", "fixed")
ids = st.lists(st.integers(0, 30), min_size=1, max_size=150)
seeds = st.integers(0, 2**32)
protocols = st.builds(
    Protocol,
    kind=st.sampled_from(KINDS),
    folds=st.integers(2, 6),
    rounds=st.integers(2, 4),
    validation_share=st.sampled_from([0.1, 0.2, 0.5]),
    locked_test_share=st.sampled_from([None, 0.0, 0.1, 0.3]),
    respecting=st.sampled_from(RESPECTING),
    column=st.just("key"),
)


def dealt(protocol, keys, seed=0):
    """The split of rows with these keys, a quarter of them the set's own validation part."""
    keys = np.array(keys)
    brought = Brought(keys, validation_rows=len(keys) // 4)
    return deal_out(protocol, len(keys), keys % 3, seed, brought=brought)


def message(protocol, keys):
    with pytest.raises(ProtocolError) as error:
        dealt(protocol, keys)
    [problem] = error.value.problems
    return problem.path, problem.message


@given(protocols, ids, seeds)
@settings(max_examples=400, deadline=None)
def test_whatever_is_asked_for_no_row_is_where_it_must_not_be(protocol, keys, seed):
    try:
        split = dealt(protocol, keys, seed)
    except ProtocolError:
        assume(False)
    keys = np.array(keys)
    assert len(split.parts) == protocol.parts_count
    assert (len(split.test) > 0) == bool(protocol.locked_test_share)
    for train, validation in split.parts:
        assert len(train)
        assert len(validation)
        together = np.concatenate([train, validation, split.test])
        assert len(np.unique(together)) == len(together)  # no row twice, the test rows in no part
        for rows in (train, validation, split.test):
            assert rows.dtype == np.int64
            assert np.all(np.diff(rows) > 0)
        if protocol.grouped:
            parts = [set(keys[rows]) for rows in (train, validation, split.test)]
            assert sum(map(len, parts)) == len(set().union(*parts))
        if protocol.respecting == "time":
            assert keys[train].max() < keys[validation].min()
            if len(split.test):
                assert keys[validation].max() < keys[split.test].min()
    if protocol.kind == "k_fold":
        validated = np.concatenate([validation for _, validation in split.parts])
        assert len(np.unique(validated)) == len(validated)
    assert dealt(protocol, keys, seed).hash == split.hash


@given(protocols, ids, seeds)
@settings(max_examples=150, deadline=None)
def test_rows_that_are_dealt_again_respect_the_same(protocol, keys, seed):
    try:
        split = dealt(protocol, keys, seed)
    except ProtocolError:
        assume(False)
    keys = np.array(keys)
    brought = Brought(keys, validation_rows=len(keys) // 4)
    again = deal_again(protocol, split, keys % 3, seed + 1, brought=brought)
    assert np.array_equal(again.test, split.test)
    for train, validation in again.parts:
        if protocol.grouped:
            assert not set(keys[train]) & set(keys[validation])
        if protocol.respecting == "time":
            assert keys[train].max() < keys[validation].min()
    if protocol.respecting == "time" or protocol.kind == "fixed":
        assert again.hash == split.hash


def test_folds_of_groups_are_balanced():
    keys = np.repeat(np.arange(50), np.random.default_rng(0).integers(1, 20, 50))
    protocol = Protocol("k_fold", respecting="groups", column="key", locked_test_share=0)
    sizes = [len(rows) for _, rows in dealt(protocol, keys).parts]
    assert max(sizes) - min(sizes) <= 2


def grouped_classes(seed):
    """Groups of different sizes, each mostly of one of three classes that are not equally frequent."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(60), rng.integers(1, 25, 60))
    mostly = rng.choice(3, 60, p=[0.6, 0.3, 0.1])[groups]
    return groups, np.where(rng.random(len(groups)) < 0.8, mostly, rng.choice(3, len(groups)))


def unevenness(classes, parts):
    """How far the classes' shares of their rows differ between the validation parts."""
    counts = [np.bincount(classes[rows], minlength=3) / np.bincount(classes) for rows in parts]
    return float(np.std(counts, axis=0).mean())


@pytest.mark.parametrize("seed", range(6))
def test_folds_of_groups_are_as_even_in_their_classes_as_those_of_scikit_learn(seed):
    from sklearn.model_selection import StratifiedGroupKFold

    groups, classes = grouped_classes(seed)
    theirs = StratifiedGroupKFold(5, shuffle=True, random_state=seed)
    expected = unevenness(classes, [rows for _, rows in theirs.split(groups, classes, groups)])
    found = {}
    for respecting in ("stratified_groups", "groups"):
        protocol = Protocol("k_fold", respecting=respecting, column="key", locked_test_share=0)
        split = deal_out(protocol, len(groups), classes, seed, brought=Brought(groups))
        found[respecting] = unevenness(classes, [rows for _, rows in split.parts])
    assert found["stratified_groups"] <= 1.3 * expected
    assert found["stratified_groups"] < found["groups"]


def test_a_share_of_groups_holds_nearly_that_share_of_each_class():
    groups, classes = grouped_classes(0)
    found = {}
    for respecting in ("stratified_groups", "groups"):
        protocol = Protocol("subsampling", rounds=8, respecting=respecting, column="key")
        split = deal_out(protocol, len(groups), classes, 0, brought=Brought(groups))
        parts = [split.test, *(rows for _, rows in split.parts)]
        rest = np.bincount(classes)
        found[respecting] = np.mean([np.ptp(np.bincount(classes[rows]) / rest) for rows in parts])
        assert len({tuple(rows) for rows in parts[1:]}) == 8
    assert found["stratified_groups"] < 0.5 * found["groups"]
    assert len(split.test) == pytest.approx(0.2 * len(groups), rel=0.1)


def test_a_target_without_classes_leaves_groups_alone():
    keys = np.repeat(np.arange(20), 5)
    dealt_out = [
        deal_out(
            Protocol("k_fold", respecting=each, column="key"), 100, None, 3, brought=Brought(keys)
        )
        for each in ("groups", "stratified_groups")
    ]
    assert dealt_out[0].hash == dealt_out[1].hash


def test_one_large_group_is_alone_in_its_fold_and_in_no_validation_share():
    keys = np.repeat([0, 1, 2, 3, 4], [900, 25, 25, 25, 25])
    folds = Protocol("k_fold", folds=5, respecting="groups", column="key", locked_test_share=0)
    assert sorted(len(rows) for _, rows in dealt(folds, keys).parts) == [25, 25, 25, 25, 900]
    ((_, validation),) = dealt(
        Protocol(respecting="groups", column="key", locked_test_share=0), keys
    ).parts
    assert 0 not in keys[validation]


def test_folds_in_time_go_forward_and_the_newest_rows_are_locked():
    keys = np.random.default_rng(1).permutation(600)
    protocol = Protocol(
        "k_fold", folds=4, respecting="time", column="key", locked_test_share=1 / 6
    )
    split = dealt(protocol, keys)
    assert sorted(keys[split.test]) == list(range(500, 600))
    assert [(len(train), len(rows)) for train, rows in split.parts] == [
        (100, 100), (200, 100), (300, 100), (400, 100),
    ]  # fmt: skip
    ((_, validation),) = dealt(
        Protocol(respecting="time", column="key", locked_test_share=0), keys
    ).parts
    assert sorted(keys[validation]) == list(range(480, 600))
    assert protocol.overlap == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4)


def test_rows_of_one_time_stay_together():
    keys = np.repeat([2019, 2020, 2021, 2022], [10, 500, 10, 10])
    split = dealt(Protocol("k_fold", folds=2, respecting="time", column="key"), keys)
    assert [sorted(set(keys[rows])) for _, rows in split.parts] == [[2020], [2021]]
    assert set(keys[split.test]) == {2022}


def test_the_data_sets_own_validation_part_validates():
    split = dealt(Protocol("fixed", locked_test_share=0.2), np.arange(100))
    ((train, validation),) = split.parts
    assert list(validation) == list(range(75, 100))
    assert len(split.test) == 15
    assert sorted(np.concatenate([train, split.test])) == list(range(75))


def test_the_splits_of_groups_and_time_do_not_drift_between_versions():
    """Experiments compare by these hashes: a change here makes old and new ones strangers."""
    keys = np.arange(120) % 17
    hashes = [
        dealt(Protocol(kind, respecting=respecting, column="key"), keys, 3).hash[:16]
        for kind, respecting in (
            ("holdout", "groups"), ("k_fold", "groups"), ("k_fold", "time"), ("fixed", "classes"),
        )
    ]  # fmt: skip
    assert hashes == [
        "1f6ff1134df34c93",
        "9b7dcfab14312f28",
        "e6dc8242b3dfc4bd",
        "0aa36b264f49371e",
    ]


@pytest.mark.parametrize(
    ("protocol", "keys", "path", "words"),
    [
        (
            Protocol("k_fold", respecting="groups", column="key"),
            np.arange(60) % 5,
            "column",
            "key has 5 groups; the split needs at least 6",
        ),
        (
            Protocol("k_fold", folds=3, respecting="time", column="key"),
            np.arange(60) % 4,
            "column",
            "key has 4 distinct times; the split needs at least 5",
        ),
        (
            Protocol(respecting="groups", column="key"),
            np.arange(60) - 2,
            "column",
            "2 rows have no value in key",
        ),
        (
            Protocol("subsampling", respecting="time", column="key"),
            np.arange(60),
            "kind",
            "moves forward in time",
        ),
        (
            Protocol("fixed", respecting="groups", column="key"),
            np.arange(60),
            "respecting",
            "is fixed",
        ),
        (Protocol(respecting="time", column="key"), [1], "locked_test_share", "1 row"),
    ],
)
def test_what_cannot_be_dealt_out_says_why_and_how_to_mend_it(protocol, keys, path, words):
    found, said = message(protocol, keys)
    assert found == path
    assert words in said


def test_a_column_without_values_is_refused():
    protocol = Protocol(respecting="groups", column="key")
    with pytest.raises(ProtocolError, match="has no stored columns"):
        deal_out(protocol, 60, None, 0)
    with pytest.raises(ProtocolError, match="59 values for 60 rows"):
        deal_out(protocol, 60, None, 0, brought=Brought(np.arange(59)))


@pytest.mark.parametrize(
    ("protocol", "words"),
    [
        (Protocol(respecting="groups", column=""), "Choose a column. The dataset has: when"),
        (Protocol(respecting="groups", column="who"), "There is no column “who”"),
        (Protocol(respecting="time", column="place"), "(“Ulm”)"),
        (Protocol(respecting="time", column="gaps"), "1 row has no value"),
        (Protocol("fixed"), "no validation set"),
    ],
)
def test_a_column_is_judged_before_its_values_are_read(protocol, words):
    columns = (
        SplitColumn("when", "time", 60),
        SplitColumn("place", "text", 60, odd="Ulm"),
        SplitColumn("gaps", "number", 59, missing=1),
    )
    [problem] = protocol.problems(60, columns=columns)
    assert words in problem.message


def test_rows_are_dealt_again_and_the_locked_ones_stay_locked():
    protocol, labels = Protocol(kind="k_fold", folds=4), np.arange(200) % 5
    split = deal_out(protocol, 200, labels, 7)
    again = deal_again(protocol, split, labels, 8)
    assert again.hash != split.hash
    assert np.array_equal(again.test, split.test)
    every = np.sort(np.concatenate([validation for _, validation in again.parts]))
    assert np.array_equal(every, np.setdiff1d(np.arange(200), split.test))
    assert deal_again(protocol, split, labels, 8).hash == again.hash


def test_a_refit_trains_on_all_but_the_locked_rows():
    split = deal_out(Protocol(kind="subsampling", rounds=3), 100, None, 7)
    [(train, validation)] = deal_again(Protocol(kind="all_rows"), split, None, 7).parts
    assert len(validation) == 0
    assert np.array_equal(train, np.setdiff1d(np.arange(100), split.test))
    assert Protocol(kind="all_rows").words == "all rows except the test set"
