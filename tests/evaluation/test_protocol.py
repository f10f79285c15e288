"""How rows are dealt out."""

import json
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from experiments.evaluation.protocol import Protocol, ProtocolError
from experiments.evaluation.splitting import deal_out


def paths(error):
    return [problem.path for problem in error.value.problems]


def labels_of(*counts):
    return np.repeat(np.arange(len(counts)), counts)


@given(
    st.integers(1, 400),
    st.floats(0.01, 0.95),
    st.sampled_from([None, 0, 0.1, 0.5]),
    st.booleans(),
    st.integers(0, 2**32),
)
@settings(max_examples=300, deadline=None)
def test_every_row_is_in_exactly_one_part(n, share, test_share, stratified, seed):
    protocol = Protocol(
        validation_share=share,
        locked_test_share=test_share,
        respecting="classes" if stratified else "none",
    )
    labels = np.random.default_rng(seed).integers(0, 3, n)
    try:
        split = deal_out(protocol, n, labels, seed)
    except ProtocolError:
        assume(False)
    ((train, validation),) = split.parts
    together = np.concatenate([train, validation, split.test])
    assert sorted(together) == list(range(n))
    assert len(train)
    assert len(validation)
    assert (len(split.test) > 0) == bool(test_share)
    for rows in (train, validation, split.test):
        assert rows.dtype == np.int64
        assert np.all(np.diff(rows) > 0)


def test_shares_are_kept():
    split = deal_out(Protocol(validation_share=0.25, locked_test_share=0.2), 1000, None, 0)
    ((train, validation),) = split.parts
    assert (len(train), len(validation), len(split.test)) == (600, 200, 200)


def test_each_class_keeps_its_share_in_each_part():
    labels = labels_of(700, 200, 80, 20)
    split = deal_out(Protocol(locked_test_share=0.2), 1000, labels, 5)
    ((train, validation),) = split.parts
    for rows, share in ((train, 0.64), (validation, 0.16), (split.test, 0.2)):
        assert np.bincount(labels[rows]) == pytest.approx(
            share * np.array([700, 200, 80, 20]), abs=1.01
        )


def test_without_stratifying_a_rare_class_may_fall_where_it_likes():
    labels = labels_of(99, 1)
    split = deal_out(Protocol(respecting="none"), 100, labels, 0)
    assert len(split.test) == 20


@pytest.mark.parametrize("share", [0.2, 0.5])
@pytest.mark.parametrize("counts", [(50, 3), (3, 3, 3, 3), (100, 4, 3)])
def test_the_rarest_class_is_in_every_part(share, counts):
    labels = labels_of(*counts)
    protocol = Protocol(validation_share=0.4, locked_test_share=share)
    split = deal_out(protocol, len(labels), labels, 1)
    for rows in (*split.parts[0], split.test):
        assert set(labels[rows]) == set(range(len(counts)))


def test_a_class_with_one_row_is_an_error_that_names_it():
    with pytest.raises(ProtocolError) as error:
        deal_out(Protocol(), 100, labels_of(60, 39, 1), 0)
    assert paths(error) == ["respecting"]
    assert "class 2 has 1 row" in str(error.value)


def test_a_rare_class_is_called_by_its_name_where_it_has_one():
    with pytest.raises(ProtocolError) as error:
        deal_out(Protocol(), 100, labels_of(60, 39, 1), 0, classes=["cat", "dog", "emu"])
    assert "“emu” has 1 row" in str(error.value)


def test_two_rows_of_a_class_are_enough_without_a_locked_part_only():
    labels = labels_of(60, 38, 2)
    deal_out(Protocol(locked_test_share=0), 100, labels, 0)
    with pytest.raises(ProtocolError):
        deal_out(Protocol(locked_test_share=0.2), 100, labels, 0)


@pytest.mark.parametrize(
    ("n", "validation", "test", "path"),
    [
        (0, 0.2, 0, "validation_share"),
        (1, 0.5, 0, "validation_share"),
        (2, 0.2, 0, "validation_share"),
        (3, 0.2, 0.2, "validation_share"),
        (4, 0.9, 0, "validation_share"),
        (2, 0.5, 0.01, "locked_test_share"),
        (1, 0.5, 0.95, "locked_test_share"),
    ],
)
def test_a_share_that_leaves_a_part_empty_is_an_error(n, validation, test, path):
    protocol = Protocol(validation_share=validation, locked_test_share=test)
    assert [problem.path for problem in protocol.problems(n)] == [path]
    with pytest.raises(ProtocolError) as error:
        deal_out(protocol, n, None, 0)
    assert paths(error) == [path]


def test_labels_must_be_as_many_as_rows():
    with pytest.raises(ProtocolError):
        deal_out(Protocol(), 100, labels_of(50, 49), 0)


def test_the_same_question_gives_the_same_split_and_another_seed_another():
    labels = labels_of(50, 50)
    first, again, other = (deal_out(Protocol(), 100, labels, seed) for seed in (7, 7, 8))
    assert first.hash == again.hash != other.hash
    assert np.array_equal(first.parts[0][1], again.parts[0][1])
    assert deal_out(Protocol(), 100, labels.tolist(), 7).hash == first.hash
    assert deal_out(Protocol(), 100, labels, -7).hash != first.hash


def test_the_split_of_a_seed_does_not_drift_between_versions():
    """Experiments compare by this hash: a change here makes old and new ones strangers."""
    split = deal_out(Protocol(), 100, labels_of(50, 50), 0)
    assert split.hash == "ea84ccb650509a777845ec69ca901cc5dc6095b6081f95a614aea198d955b27a"


def test_a_protocol_survives_json():
    for protocol in (
        Protocol(),
        Protocol(locked_test_share=None, repeats=3),
        Protocol(locked_test_share=0.0, respecting="none", validation_share=0.31),
        Protocol(kind="k_fold", folds=7, repeats=2),
        Protocol(kind="subsampling", rounds=4, validation_share=0.3),
        Protocol(kind="fixed"),
        Protocol(respecting="groups", column="patient"),
    ):
        assert Protocol.from_dict(json.loads(json.dumps(protocol.to_dict()))) == protocol
    assert Protocol.from_dict({}) == Protocol()
    assert Protocol(repeats=3).executions == 3
    assert Protocol(kind="k_fold", folds=7, repeats=2).executions == 14
    assert Protocol(kind="subsampling", rounds=4).executions == 4


def test_a_protocol_of_an_older_version_still_reads():
    old = {
        "kind": "k_fold", "validation_share": 0.2, "folds": 4, "rounds": 5, "repeats": 2,
        "racing": True, "stratified": True, "locked_test_share": 0.2,
    }  # fmt: skip
    assert Protocol.from_dict(old) == Protocol("k_fold", folds=4, repeats=2)
    assert Protocol.from_dict(old | {"stratified": False}).respecting == "none"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"kind": "leave-one-out"}, "kind"),
        ({"validation_share": 0}, "validation_share"),
        ({"validation_share": 1}, "validation_share"),
        ({"validation_share": -0.1}, "validation_share"),
        ({"validation_share": "a fifth"}, "validation_share"),
        ({"validation_share": math.nan}, "validation_share"),
        ({"validation_share": None}, "validation_share"),
        ({"validation_share": True}, "validation_share"),
        ({"locked_test_share": 1}, "locked_test_share"),
        ({"locked_test_share": math.inf}, "locked_test_share"),
        ({"locked_test_share": "own"}, "locked_test_share"),
        ({"repeats": 0}, "repeats"),
        ({"repeats": 101}, "repeats"),
        ({"repeats": 1.5}, "repeats"),
        ({"repeats": "3"}, "repeats"),
        ({"respecting": "hierarchy"}, "respecting"),
        ({"stratified": 1}, "stratified"),
        ({"column": 3}, "column"),
        ({"folds": 1}, "folds"),
        ({"folds": 21}, "folds"),
        ({"rounds": 1}, "rounds"),
        ({"batches": 5}, "batches"),
    ],
)
def test_a_protocol_that_cannot_be_used(changes, path):
    with pytest.raises(ProtocolError) as error:
        Protocol.from_dict(Protocol().to_dict() | changes)
    assert paths(error) == [path]


def test_every_problem_of_a_protocol_is_found_at_once():
    with pytest.raises(ProtocolError) as error:
        Protocol.from_dict({"validation_share": 2, "repeats": 0, "locked_test_share": -1})
    assert set(paths(error)) == {"validation_share", "repeats", "locked_test_share"}


@given(
    st.integers(2, 400), st.integers(2, 20), st.booleans(), st.booleans(), st.integers(0, 2**32)
)
@settings(max_examples=200, deadline=None)
def test_folds_validate_each_row_once_and_train_on_the_rest(n, folds, locked, stratified, seed):
    protocol = Protocol(
        "k_fold",
        folds=folds,
        respecting="classes" if stratified else "none",
        locked_test_share=0.2 if locked else 0,
    )
    labels = np.random.default_rng(seed).integers(0, 2, n)
    try:
        split = deal_out(protocol, n, labels, seed)
    except ProtocolError:
        assume(False)
    assert len(split.parts) == folds
    rest = np.setdiff1d(np.arange(n), split.test)
    validated = np.concatenate([validation for _, validation in split.parts])
    assert sorted(validated) == list(rest)
    sizes = [len(validation) for _, validation in split.parts]
    assert max(sizes) - min(sizes) <= 1
    for train, validation in split.parts:
        assert np.array_equal(np.sort(np.concatenate([train, validation])), rest)
        assert np.all(np.diff(train) > 0)
        assert np.all(np.diff(validation) > 0)
        if stratified:
            assert set(labels[train]) == set(labels[validation]) == set(labels)


def test_each_class_is_spread_over_the_folds_as_evenly_as_it_goes():
    labels = labels_of(50, 33, 12)
    split = deal_out(Protocol("k_fold", folds=5, locked_test_share=0), 95, labels, 3)
    counts = np.array([np.bincount(labels[rows]) for _, rows in split.parts])
    assert np.all(counts.max(axis=0) - counts.min(axis=0) <= 1)


def test_rounds_are_drawn_anew_and_keep_the_shares():
    protocol = Protocol("subsampling", rounds=6, validation_share=0.25, locked_test_share=0.2)
    split = deal_out(protocol, 1000, labels_of(500, 500), 9)
    assert [(len(train), len(rows)) for train, rows in split.parts] == [(600, 200)] * 6
    drawn = {rows.tobytes() for _, rows in split.parts}
    assert len(drawn) == 6
    for train, rows in split.parts:
        together = np.concatenate([train, rows, split.test])
        assert sorted(together) == list(range(1000))


def test_more_folds_than_rows_of_a_class_is_an_error_at_the_folds():
    with pytest.raises(ProtocolError) as error:
        deal_out(Protocol("k_fold", folds=5, locked_test_share=0), 64, labels_of(60, 4), 0)
    assert paths(error) == ["folds"]
    assert "class 1 has 4 rows" in str(error.value)
    assert "fewer folds" in str(error.value)


def test_more_folds_than_rows_is_an_error_at_the_folds():
    assert [p.path for p in Protocol("k_fold", folds=5).problems(5)] == ["folds"]
    assert Protocol("k_fold", folds=4).problems(5) == []


def test_parts_overlap_where_they_share_training_rows():
    assert Protocol().overlap == 0
    assert Protocol("k_fold", folds=5).overlap == 0.25
    assert Protocol("subsampling", validation_share=0.2).overlap == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("protocol", "words"),
    [
        (Protocol(), "holdout 80/20"),
        (Protocol(validation_share=0.25, repeats=3), "holdout 75/25 × 3 seeds"),
        (Protocol("k_fold", folds=10, repeats=2), "10-fold × 2 seeds"),
        (Protocol("subsampling", rounds=8), "8 rounds of 80/20"),
        (Protocol("fixed", repeats=2), "fixed validation set × 2 seeds"),
        (Protocol("k_fold", respecting="groups", column="who"), "5-fold by who"),
        (Protocol(respecting="time", column="day"), "holdout 80/20 in order of day"),
    ],
)
def test_a_protocol_in_words(protocol, words):
    assert protocol.words == words
