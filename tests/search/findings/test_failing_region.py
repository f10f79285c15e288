"""Regions at any share of failures, and the exact chance of one by luck."""

from itertools import combinations

import numpy as np
import pytest

from experiments.check_outcomes import Found, NotChecked, NotFound
from experiments.search.findings.crossing import crossing, fisher, least
from experiments.search.findings.failing_region import check
from experiments.search.findings.search_state import SearchState
from experiments.search.findings.significance_levels import FAILURES, level_of_failures
from experiments.search.history import History, ObservedTrial
from tests.search.spaces import boolean, choice, floats, ints, only_if, space_of

SPACE = space_of(
    floats("learning_rate", 1e-4, 1e-1, scale="log"),
    floats("dropout", 0.0, 0.5),
    choice("optimizer", "adam", "sgd", "rmsprop", "lion"),
)
# As many hypotheses as the everyday search has: ends of four rows, and words of two.
WIDE = space_of(
    floats("learning_rate", 1e-4, 1e-1, scale="log"),
    floats("dropout", 0.0, 0.5),
    ints("units", 16, 256, step=16),
    choice("batch_size", 32, 64, 128, 256, 512),
    choice("activation", "relu", "tanh"),
)


def searched(trials, fails, seed=0):
    """A random search, the kinds of its failures by number."""
    rng = np.random.default_rng(seed)
    drawn = [SPACE.draw(rng) for _ in range(trials)]
    return failing_at(SPACE, drawn, {n for n, v in enumerate(drawn) if fails(v)})


def failing_at(space, drawn, numbers):
    found = [
        ObservedTrial(n, v, "failed", None)
        if n in numbers
        else ObservedTrial(n, v, "completed", 0.5)
        for n, v in enumerate(drawn)
    ]
    history = History(tuple(found), "maximize")
    return SearchState(space=space, history=history, failures=dict.fromkeys(numbers, "nan"))


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


@pytest.mark.parametrize("seed", range(3))
def test_three_of_forty_that_fail_above_a_learning_rate(seed):
    rng = np.random.default_rng(seed)
    drawn = [WIDE.draw(rng) for _ in range(40)]
    highest = sorted(range(40), key=lambda n: -drawn[n]["learning_rate"])
    outcome = check(failing_at(WIDE, drawn, {*highest[:3]}))
    assert isinstance(outcome, Found)
    assert "in 3 of 3 trials" in outcome.things[0].statement
    scattered = check(failing_at(WIDE, drawn, {*highest[:2], highest[3]}))
    assert isinstance(scattered, NotFound)


@pytest.mark.parametrize("numbers", [3, 4, 5])
def test_failures_dealt_in_every_way_raise_no_more_than_the_level_of_the_look(numbers):
    space = space_of(
        floats("dropout", 0.0, 0.5),
        choice("optimizer", "adam", "sgd", "lion"),
        boolean("momentum", **only_if("optimizer", "sgd", "lion")),
        floats("decay", 0.0, 0.1, **only_if("optimizer", "sgd", "lion")),
    )
    rng = np.random.default_rng(4)
    drawn = [space.draw(rng) for _ in range(10)]
    assert 4 < sum("decay" in values for values in drawn) < 10
    each = list(combinations(range(10), numbers))
    alarms = sum(isinstance(check(failing_at(space, drawn, {*n})), Found) for n in each)
    assert alarms <= FAILURES / 2 * len(each)


def test_a_hypothesis_that_cannot_reach_the_level_is_not_counted():
    alone = level_of_failures(10, [0.0])
    assert alone == FAILURES / 2
    assert level_of_failures(10, [0.0, 1.0, 0.5, alone * 1.01]) == alone
    # Each would reach the level of one alone, and none that of two: one of them is paid for.
    assert level_of_failures(10, [alone * 0.6] * 2) == alone / 2
    assert level_of_failures(10, [0.0, alone * 0.6]) == alone / 2
    assert level_of_failures(10, [0.0] * 4) == alone / 4
    assert level_of_failures(10, []) == alone


@pytest.mark.parametrize("sizes", [[1, 2, 4, 8], [2, 7], [5], []])
@pytest.mark.parametrize("failures", [[3], [2, 3, 4, 5, 6], [0, 1], [9]])
def test_the_least_p_is_that_of_the_clearest_order(sizes, failures):
    every = [
        fisher(np.array([min(f, size)]), 9, f, np.array([size]))[0]
        for f in failures
        for size in sizes
    ]
    expected = min(every, default=1.0)
    assert least(9, np.array(failures), np.array(sizes, dtype=int)) == pytest.approx(expected)
