"""A baseline wins by what is expected on new rows where that is known, else by search scores."""

import pytest

from experiments.check_outcomes import Found, NotFound
from experiments.search.findings.baseline_wins import check
from experiments.search.findings.search_state import Rival, SearchState
from experiments.search.history import History, ObservedTrial
from tests.search.spaces import floats, space_of

SPACE = space_of(floats("dropout", 0.0, 0.5))


def state(rival, winner=None):
    found = [ObservedTrial(n, {"dropout": n / 40}, "completed", 0.70 + n / 100) for n in range(12)]
    history = History(tuple(found), "maximize")
    return SearchState(space=SPACE, history=history, failures={}, rivals=(rival,), winner=winner)


def test_a_search_score_ahead_and_an_expected_one_behind():
    rival = Rival("a linear model", 0.79, "code", 0, expected=0.785)
    found = check(state(rival, winner=(11, 0.78)))
    assert isinstance(found, Found)
    [finding] = found.things
    assert "A linear model reaches" in finding.statement
    assert "0.785 on new rows" in finding.statement
    assert "trial 11 (0.78)" in finding.statement


@pytest.mark.parametrize(
    ("rival", "winner"),
    [
        (Rival("a linear model", 0.79, "code", 0, expected=0.77), (11, 0.78)),
        (Rival("a linear model", 0.79, "code", 0), (11, 0.78)),
        (Rival("a linear model", 0.79, "code", 0, expected=0.785), None),
    ],
)
def test_expected_scores_are_compared_with_expected_ones_alone(rival, winner):
    assert isinstance(check(state(rival, winner)), NotFound)
