"""The forest as a model: its mean, its doubt, its columns."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.search.models.forest import INACTIVE, Forest, columns_of, unknown_words
from experiments.search.space.encoding import Encoding
from tests.search.spaces import boolean, choice, floats, ints, only_if, space_of

WORDS = space_of(
    choice("optimizer", "adam", "sgd", "rmsprop"),
    floats("momentum", 0, 1, **only_if("optimizer", "sgd")),
    boolean("nesterov", **only_if("optimizer", "sgd")),
    choice("units", 16, 32, 64),
)


def rows(*values) -> np.ndarray:
    return np.array(values, dtype=np.float32).reshape(len(values), -1)


class Leaf:
    """A tree of one leaf."""

    def __init__(self, mean: float, variance: float) -> None:
        self.value = np.array([[[mean]]])
        self.impurity = np.array([variance])

    def apply(self, rows: np.ndarray) -> np.ndarray:
        return np.zeros(len(rows), dtype=np.intp)


def test_the_deviation_follows_the_law_of_total_variance():
    """Hutter et al. 2014, §4.3.2: mean of the variances plus variance of the means."""
    mean, sd = Forest((Leaf(1.0, 4.0), Leaf(3.0, 2.0))).predict(rows(0.0, 1.0))
    assert mean.tolist() == [2.0, 2.0]
    assert sd == pytest.approx([2.0, 2.0])  # sqrt((4 + 2) / 2 + 1)


def test_the_same_seed_grows_the_same_forest():
    rng = np.random.default_rng(3)
    data, loss = rng.random((60, 4)).astype(np.float32), rng.normal(size=60)
    ahead = rng.random((20, 4)).astype(np.float32)
    first, again, other = (Forest.grow(data, loss, seed).predict(ahead) for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_it_learns_a_step_and_is_unsure_where_it_saw_nothing():
    data = rows(*np.linspace(0, 0.5, 40))
    loss = np.where(data[:, 0] < 0.25, 1.0, 0.0)
    mean, sd = Forest.grow(data, loss, 0).predict(rows(0.1, 0.4, 0.25))
    assert mean[:2] == pytest.approx([1.0, 0.0], abs=0.1)
    assert sd[2] > sd[:2].max()


def test_one_trial_and_equal_losses_are_enough():
    for data in (rows(0.5), rows(0.1, 0.5, 0.9)):
        mean, sd = Forest.grow(data, np.full(len(data), 2.0), 0).predict(rows(0.3))
        assert mean == pytest.approx([2.0])
        assert sd == pytest.approx([0.0])


def test_columns_are_indicators_of_words_and_inactive_lies_outside():
    encoding = Encoding.of(WORDS)
    found = columns_of(
        encoding,
        encoding.matrix(
            [
                {"optimizer": "adam", "units": 16},
                {"optimizer": "sgd", "momentum": 0.5, "nesterov": True, "units": 64},
            ]
        ),
    )
    assert found.tolist() == [[1, 0, 0, INACTIVE, INACTIVE, 0], [0, 1, 0, 0.5, 1, 1]]
    assert found.dtype == np.float32
    assert found.flags.c_contiguous


def test_a_choice_of_a_thousand_words_stays_one_column():
    encoding = Encoding.of(space_of(choice("c", *(f"w{i}" for i in range(1000)))))
    assert columns_of(encoding, encoding.matrix([{"c": "w7"}])).tolist() == [[7.0]]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_predictions_stay_within_what_was_seen(losses, seed):
    loss = np.array(losses)
    data = np.random.default_rng(seed).random((len(loss), 2)).astype(np.float32)
    mean, sd = Forest.grow(data, loss, seed).predict(data)
    slack = 1e-9 * max(1.0, np.abs(loss).max())
    assert (mean >= loss.min() - slack).all()
    assert (mean <= loss.max() + slack).all()
    assert np.isfinite(sd).all()


def test_a_range_of_a_thousand_million_is_cut_like_any_other():
    encoding = Encoding.of(space_of(ints("n", 1, 10**9)))
    found = columns_of(encoding, encoding.matrix([{"n": 1}, {"n": 5 * 10**8}, {"n": 10**9}]))
    assert found[:, 0] == pytest.approx([0, 0.5, 1], abs=1e-6)


def test_a_word_that_nobody_tried_is_told_from_the_known_and_the_inactive():
    encoding = Encoding.of(WORDS)
    known = encoding.matrix([{"optimizer": "adam", "units": 16}])
    rows = encoding.matrix(
        [
            {"optimizer": "adam", "units": 64},
            {"optimizer": "rmsprop", "units": 16},
        ]
    )
    assert unknown_words(encoding, rows, known).tolist() == [False, True]
