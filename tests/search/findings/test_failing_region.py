"""Regions at any share of failures, and the exact chance of one by luck."""

from itertools import combinations

import numpy as np
import pytest

from experiments.check_outcomes import Found, NotChecked, NotFound
from experiments.search.findings.crossing import crossing, fisher
from experiments.search.findings.failing_region import check
from experiments.search.findings.search_state import SearchState
from experiments.search.history import History, ObservedTrial
from tests.search.spaces import choice, floats, space_of

SPACE = space_of(
    floats("learning_rate", 1e-4, 1e-1, scale="log"),
    floats("dropout", 0.0, 0.5),
    choice("optimizer", "adam", "sgd", "rmsprop", "lion"),
)


def searched(trials, fails, seed=0):
    """A random search, the kinds of its failures by number."""
    rng = np.random.default_rng(seed)
    drawn = [SPACE.draw(rng) for _ in range(trials)]
    found = [
        ObservedTrial(n, v, "failed" if fails(v) else "completed", None if fails(v) else 0.5)
        for n, v in enumerate(drawn)
    ]
    history = History(tuple(found), "maximize")
    failures = {t.number: "nan" for t in found if t.state == "failed"}
    return SearchState(space=SPACE, history=history, failures=failures)


def test_sixteen_of_twenty_that_diverge_above_a_learning_rate():
    rates = np.geomspace(1e-4, 1e-1, 20).tolist()
    trials = tuple(
        ObservedTrial(
            t.number,
            {**t.values, "learning_rate": rate},
            "completed" if t.number < 4 else "failed",
            0.5 if t.number < 4 else None,
        )
        for t, rate in zip(searched(20, lambda _: False).history.trials, rates, strict=True)
    )
    failures = dict.fromkeys(range(4, 20), "nan")
    look = SearchState(space=SPACE, history=History(trials, "maximize"), failures=failures)
    outcome = check(look)
    assert isinstance(outcome, Found)
    [found] = outcome.things
    assert found.statement.startswith("learning_rate at least 4.281e-4 diverged")
    assert "in 16 of 16 trials" in found.statement and "none of the 4 others" in found.statement
    name, sign, edge = found.action.change["constraint"].split()
    assert (name, sign) == ("learning_rate", "<") and rates[3] < float(edge) <= rates[4]


@pytest.mark.parametrize("words", [("sgd",), ("sgd", "lion"), ("adam", "sgd", "lion")])
def test_choices_that_fail(words):
    outcome = check(searched(60, lambda values: values["optimizer"] in words))
    assert isinstance(outcome, Found)
    rule = outcome.things[0].action.change["constraint"]
    assert all(f'"{word}"' in rule for word in words)
    kept = SPACE.to_dict() | {"constraints": [rule]}
    rng = np.random.default_rng(1)
    drawn = {type(SPACE).from_dict(kept).draw(rng)["optimizer"] for _ in range(40)}
    assert drawn == {"adam", "sgd", "rmsprop", "lion"} - {*words}


def test_a_diverged_score_counts_as_a_failure():
    look = searched(40, lambda values: values["learning_rate"] > 0.01)
    trials = tuple(
        ObservedTrial(t.number, t.values, "completed", float("nan")) if t.state == "failed" else t
        for t in look.history.trials
    )
    assert isinstance(check(SearchState(space=SPACE, history=History(trials, "maximize"))), Found)


def test_what_an_all_clear_rests_on():
    clear = check(searched(12, lambda _: False))
    assert isinstance(clear, NotFound)
    assert clear.rests_on[0] == "12 ended trials, 0 of them failed"
    assert isinstance(check(searched(9, lambda _: False)), NotChecked)


@pytest.mark.parametrize(("n", "f"), [(7, 3), (8, 5), (9, 2)])
@pytest.mark.parametrize("mostly", [0.0, 0.6])
def test_the_chance_is_that_of_all_orders(n, f, mostly):
    cuts = np.array([1, 2, 4, n - 1])
    least = []
    for failed in combinations(range(n), f):
        beyond = np.array([sum(place < cut for place in failed) for cut in cuts])
        counts = beyond >= mostly * cuts
        p = fisher(beyond[counts], n, f, cuts[counts])
        least.append(p.min() if len(p) else 1.0)
    for p in sorted({each for each in np.round(least, 12) if each < 1})[:4]:
        share = np.mean([each <= p * (1 + 1e-6) for each in least])
        assert crossing(n, f, cuts, p * (1 + 1e-6), mostly) == pytest.approx(share)
