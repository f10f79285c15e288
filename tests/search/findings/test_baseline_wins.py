"""A baseline wins where the site calls it at least as good, whatever the number of trials."""

from dataclasses import replace

import pytest

from experiments.check_outcomes import Found, NotChecked, NotFound
from experiments.search.findings.baseline_wins import check
from experiments.search.findings.registry import look_for
from experiments.search.findings.search_state import Rival, SearchState
from experiments.search.history import History, Objective, ObservedTrial
from tests.search.spaces import floats, space_of

SPACE = space_of(floats("dropout", 0.0, 0.5))
WINNER = Rival("trial 2", 0.72, "search", 2, expected=0.70)
SAID = "A linear model is at least as good: expected 0.7100 against 0.7000."
LINEAR = Rival("a linear model", 0.715, "linear", 0, expected=0.71, ahead=SAID)
CONSTANT = Rival("the majority class", 0.1, expected=0.1)


def state(*rivals, winner=WINNER, more=()):
    found = [ObservedTrial(n, {"dropout": n / 40}, "completed", 0.70 + n / 100) for n in range(3)]
    history = History(tuple(found), "maximize", more_objectives=more)
    return SearchState(space=SPACE, history=history, rivals=rivals, winner=winner)


def test_three_trials_are_enough_and_the_sentence_is_that_of_the_page():
    found = check(state(CONSTANT, LINEAR))
    assert isinstance(found, Found)
    [finding] = found.things
    assert finding.statement == SAID
    assert finding.action.change == {"run": "linear", "trial": 0}
    assert finding.trials == (2,)
    assert finding.evidence.marked == (False, True, False)
    assert "expected on new rows" in finding.confidence.test


def test_a_constant_prediction_that_nothing_beats_leads_to_the_split():
    said = "No configuration is shown to beat the majority class."
    found = check(state(replace(CONSTANT, ahead=said)))
    assert isinstance(found, Found)
    assert (found.things[0].statement, found.things[0].action.act) == (said, "protocol")


def test_what_is_not_ahead_is_not_found_whatever_its_search_score():
    found = check(state(CONSTANT, replace(LINEAR, score=0.9, expected=0.69, ahead="")))
    assert isinstance(found, NotFound)
    (said,) = found.rests_on
    against = "the majority class (0.1), a linear model (0.69) against trial 2 (0.7)"
    assert said == f"score, expected on new rows: {against}"


def test_search_scores_are_named_where_nobody_knows_what_to_expect():
    found = check(state(replace(LINEAR, expected=None, ahead="")))
    assert isinstance(found, NotFound)
    assert "search scores: a linear model (0.715) against trial 2 (0.72)" in found.rests_on[0]


@pytest.mark.parametrize("rivals", [(LINEAR,), (replace(LINEAR, ahead=""),)])
def test_of_several_objectives_the_main_one_is_compared(rivals):
    look = state(*rivals, more=(Objective("parameters", "minimize"),))
    found = look_for(look, frozenset({"baseline"}))["baseline"]
    if rivals[0].ahead:
        assert isinstance(found, Found)
    else:
        assert isinstance(found, NotFound)
        assert found.rests_on[0].startswith("main objective, score, expected on new rows: ")


def test_nothing_compared_is_not_checked():
    assert isinstance(check(state()), NotChecked)
    assert isinstance(check(state(LINEAR, winner=None)), NotChecked)
