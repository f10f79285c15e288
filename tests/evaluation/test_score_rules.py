"""Which epochs of a curve count, and what they come to."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.evaluation.score_rules import (
    RULE,
    counted_epochs,
    kept_weights,
    score_rule_words,
    value_at,
)

CURVE = [0.5, 0.9, 0.9, 0.7, 0.8]
numbers = st.floats(allow_nan=True, allow_infinity=True) | st.none()
rules = st.sampled_from(["best", "last"]) | st.integers(2, 99).map(lambda n: f"mean:{n}")


@pytest.mark.parametrize(
    ("rule", "higher", "epochs"),
    [
        ("best", True, [2]),
        ("best", False, [1]),
        ("last", True, [5]),
        ("mean:2", True, [4, 5]),
        ("mean:99", False, [1, 2, 3, 4, 5]),
    ],
)
def test_each_rule_counts_its_epochs(rule, higher, epochs):
    assert counted_epochs(rule, CURVE, higher_is_better=higher) == epochs


@pytest.mark.parametrize("hole", [None, math.nan, math.inf])
def test_an_epoch_without_a_number_spoils_the_rules_that_need_it(hole):
    curve = [0.5, 0.9, hole, 0.8]
    assert counted_epochs("best", curve, higher_is_better=True) == [2]
    assert counted_epochs("last", curve, higher_is_better=True) == [4]
    assert counted_epochs("mean:2", curve, higher_is_better=True) == []
    assert counted_epochs("last", curve[:3], higher_is_better=True) == []


@given(st.lists(numbers, max_size=20), rules, st.booleans())
def test_what_counts_is_a_number_within_the_curve(curve, rule, higher):
    epochs = counted_epochs(rule, curve, higher_is_better=higher)
    assert all(1 <= epoch <= len(curve) for epoch in epochs)
    known = [curve[epoch - 1] for epoch in epochs]
    assert all(value is not None and math.isfinite(value) for value in known)
    found = value_at(curve, epochs)
    if not epochs:
        assert found is None
    elif max(abs(value) for value in known) < 1e300:
        assert min(known) - 1e-9 <= found <= max(known) + abs(max(known)) * 1e-9 + 1e-9


def test_a_metric_with_a_hole_has_no_mean():
    assert value_at([0.1, None, 0.3], [2, 3]) is None
    assert value_at([0.1, 0.2, 0.4], [2, 3]) == pytest.approx(0.3)


def test_rules_in_words_and_the_weights_that_go_with_them():
    assert score_rule_words("best") == "best epoch"
    assert score_rule_words("mean:5") == "mean of the last 5 epochs"
    assert [kept_weights(rule) for rule in ("best", "last", "mean:3")] == ["best", "last", "last"]
    assert not any(RULE.fullmatch(text) for text in ("mean:1", "mean:100", "mean:05", "mean", ""))
