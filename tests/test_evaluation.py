"""How rows are dealt out, and what an interval says."""

import json
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from experiments.evaluation import (
    Protocol,
    ProtocolError,
    direction_of,
    interval,
    objectives,
    split_hash,
)


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
        validation_share=share, locked_test_share=test_share, stratified=stratified
    )
    labels = np.random.default_rng(seed).integers(0, 3, n)
    try:
        split = protocol.split(n, labels, seed)
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
    split = Protocol(validation_share=0.25, locked_test_share=0.2).split(1000, None, 0)
    ((train, validation),) = split.parts
    assert (len(train), len(validation), len(split.test)) == (600, 200, 200)


def test_each_class_keeps_its_share_in_each_part():
    labels = labels_of(700, 200, 80, 20)
    split = Protocol(locked_test_share=0.2).split(1000, labels, 5)
    ((train, validation),) = split.parts
    for rows, share in ((train, 0.64), (validation, 0.16), (split.test, 0.2)):
        assert np.bincount(labels[rows]) == pytest.approx(
            share * np.array([700, 200, 80, 20]), abs=1.01
        )


def test_without_stratifying_a_rare_class_may_fall_where_it_likes():
    labels = labels_of(99, 1)
    split = Protocol(stratified=False).split(100, labels, 0)
    assert len(split.test) == 20


@pytest.mark.parametrize("share", [0.2, 0.5])
@pytest.mark.parametrize("counts", [(50, 3), (3, 3, 3, 3), (100, 4, 3)])
def test_the_rarest_class_is_in_every_part(share, counts):
    labels = labels_of(*counts)
    protocol = Protocol(validation_share=0.4, locked_test_share=share)
    split = protocol.split(len(labels), labels, 1)
    for rows in (*split.parts[0], split.test):
        assert set(labels[rows]) == set(range(len(counts)))


def test_a_class_with_one_row_is_an_error_that_names_it():
    with pytest.raises(ProtocolError) as error:
        Protocol().split(100, labels_of(60, 39, 1), 0)
    assert paths(error) == ["stratified"]
    assert "class 2 has 1 row" in str(error.value)


def test_a_rare_class_is_called_by_its_name_where_it_has_one():
    with pytest.raises(ProtocolError) as error:
        Protocol().split(100, labels_of(60, 39, 1), 0, classes=["cat", "dog", "emu"])
    assert "“emu” has 1 row" in str(error.value)


def test_two_rows_of_a_class_are_enough_without_a_locked_part_only():
    labels = labels_of(60, 38, 2)
    Protocol(locked_test_share=0).split(100, labels, 0)
    with pytest.raises(ProtocolError):
        Protocol(locked_test_share=0.2).split(100, labels, 0)


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
        protocol.split(n, None, 0)
    assert paths(error) == [path]


def test_labels_must_be_as_many_as_rows():
    with pytest.raises(ProtocolError):
        Protocol().split(100, labels_of(50, 49), 0)


def test_the_same_question_gives_the_same_split_and_another_seed_another():
    labels = labels_of(50, 50)
    first, again, other = (Protocol().split(100, labels, seed) for seed in (7, 7, 8))
    assert first.hash == again.hash != other.hash
    assert np.array_equal(first.parts[0][1], again.parts[0][1])
    assert Protocol().split(100, labels.tolist(), 7).hash == first.hash
    assert Protocol().split(100, labels, -7).hash != first.hash


def test_the_split_of_a_seed_does_not_drift_between_versions():
    """Experiments compare by this hash: a change here makes old and new ones strangers."""
    split = Protocol().split(100, labels_of(50, 50), 0)
    assert split.hash == "ea84ccb650509a777845ec69ca901cc5dc6095b6081f95a614aea198d955b27a"


def test_the_hash_tells_parts_from_one_another():
    a, b = np.array([0, 1]), np.array([2])
    none = a[:0]
    hashes = {
        split_hash([(a, b)], none),
        split_hash([(b, a)], none),
        split_hash([(a, none)], b),
        split_hash([(np.array([0, 1, 2]), none)], none),
        split_hash([(a, b), (none, none)], none),
    }
    assert len(hashes) == 5


def test_a_protocol_survives_json():
    for protocol in (
        Protocol(),
        Protocol(locked_test_share=None, repeats=3),
        Protocol(locked_test_share=0.0, stratified=False, validation_share=0.31),
    ):
        assert Protocol.from_dict(json.loads(json.dumps(protocol.to_dict()))) == protocol
    assert Protocol.from_dict({}) == Protocol()
    assert Protocol(repeats=3).executions == 3


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"kind": "k-fold"}, "kind"),
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
        ({"stratified": 1}, "stratified"),
        ({"folds": 5}, "folds"),
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


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_the_interval_is_student_s(scores):
    found = interval(scores)
    assert found.mean == pytest.approx(np.mean(scores), abs=1e-6)
    half = stats.sem(scores) * stats.t.ppf(0.975, len(scores) - 1)
    assert found.half_width == pytest.approx(half, rel=1e-6, abs=1e-6)
    assert found.low <= found.mean <= found.high


def test_one_score_has_no_interval_and_none_has_no_mean():
    single = interval([0.5])
    assert (single.mean, single.low, single.high, single.n) == (0.5, None, None, 1)
    assert single.half_width is None
    assert interval([]) is None
    assert interval([math.nan, math.inf]) is None
    assert interval([math.nan, 0.5, 0.7]).n == 2


def test_objectives_put_validation_first_and_know_their_direction():
    assert objectives(["accuracy"]) == ("val_loss", "val_accuracy", "loss", "accuracy")
    assert direction_of("val_accuracy") == direction_of("top_3_accuracy") == "maximize"
    assert direction_of("val_loss") == direction_of("rmse") == "minimize"
