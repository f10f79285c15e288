"""Leaders are trained again before a search ends: which ones, when, and what is made of it."""

import math
from dataclasses import replace

import numpy as np
import pytest

from experiments.search.history import History, Objective, ObservedTrial
from experiments.search.samplers.random import RandomSampler
from experiments.search.strategies import reevaluation
from experiments.search.strategies.queued_configurations import suggest
from experiments.search.strategies.reevaluation import (
    alone,
    is_due,
    pooled,
    problem,
    top_trials,
    usual,
)
from experiments.search.strategies.winner import recommend
from tests.search.objectives import BOWL, bowl, search
from tests.search.sampler_contract import rng_of
from tests.search.spaces import choice, space_of

BEFORE = 37
CONFIRM = 3


def history_of(*, noise=0.0, lucky=None, planned=BEFORE + CONFIRM, trials=BEFORE, **more):
    """A random search of the bowl; lucky: number of a trial whose score is far too good."""
    found = search(RandomSampler(), BOWL, bowl, trials, noise=noise).trials
    if lucky is not None:
        found = tuple(replace(t, score=-1.0) if t.number == lucky else t for t in found)
    return History(found, planned=planned, confirm=CONFIRM, **more)


def worst_of(history):
    return max(history.scored, key=lambda trial: trial.score).number


def play(history, score):
    """The search to the end of its budget, a trial at a time."""
    while len(history) < history.planned:
        number = len(history)
        found = suggest(RandomSampler(), BOWL, history, number, rng_of(number))
        trial = ObservedTrial(
            number, found.values, "completed", score(found.values), repeats=found.repeats
        )
        history = replace(history, trials=(*history.trials, trial))
    return history


@pytest.mark.parametrize(
    ("trials", "more", "count"),
    [
        (reevaluation.FEWEST, {}, reevaluation.USUAL),
        (reevaluation.FEWEST - 1, {}, 0),
        (100, {"executions": 5}, 0),
        (100, {"objectives": 2}, 0),
        (100, {"sampler": "grid"}, 0),
        (100, {"sampler": "near_the_best@17"}, 0),
    ],
)
def test_usual_only_where_one_fit_decides_and_the_budget_spares_it(trials, more, count):
    told = {"sampler": "auto", "executions": 1, "objectives": 1} | more
    assert usual(trials, **told) == count


def test_more_than_half_of_the_trials_is_refused_in_words():
    assert problem(None, 2) == problem(0, 1) == problem(5, 10) == ""
    assert (
        problem(6, 11) == "At most 5 of 11 trials can re-evaluate top trials. Enter fewer, or 0."
    )


def test_the_last_trials_of_the_budget_and_no_other_are_repeats():
    history = play(history_of(trials=30), bowl)
    repeats = [trial.number for trial in history.trials if trial.repeats is not None]
    assert repeats == [BEFORE, BEFORE + 1, BEFORE + 2]
    for trial in history.trials[BEFORE:]:
        assert trial.values == history.trials[trial.repeats].values


def test_a_raised_budget_searches_on_and_confirms_at_its_own_end():
    history = play(history_of(), bowl)
    further = play(replace(history, planned=BEFORE + CONFIRM + 10), bowl)
    repeats = [trial.number for trial in further.trials if trial.repeats is not None]
    assert repeats == [37, 38, 39, 47, 48, 49]


def test_not_where_trials_are_cut_or_paused_or_everything_can_be_tried():
    history = history_of()
    assert is_due(BOWL, history)
    for state in ("paused", "pruned"):
        cut = replace(history.trials[3], state=state, score=None)
        others = (*history.trials[:3], cut, *history.trials[4:])
        assert not is_due(BOWL, replace(history, trials=others, if_noisy=True))
        assert is_due(BOWL, replace(history, trials=others)) == (state == "pruned")  # as asked
    assert not is_due(space_of(choice("a", *range(40))), history)
    assert is_due(space_of(choice("a", *range(41))), history)
    assert not is_due(BOWL, replace(history, planned=0))
    assert not is_due(BOWL, replace(history, confirm=0))
    assert not is_due(BOWL, replace(history, more_objectives=(Objective("size", "minimize"),)))


def test_with_several_objectives_the_sampler_is_asked_to_the_end():
    history = history_of(more_objectives=(Objective("size", "minimize"),))
    told = tuple(replace(trial, more=(1.0,)) for trial in history.trials)
    history = replace(history, trials=told)
    assert suggest(RandomSampler(), BOWL, history, BEFORE, rng_of(BEFORE)).repeats is None


def test_it_says_which_trial_and_why_and_what_it_expects():
    history = history_of()
    found = reevaluation.suggest(BOWL, history)
    assert found == reevaluation.suggest(BOWL, history)
    assert found.kind == "confirm"
    assert found.values == history.trials[found.repeats].values
    assert f"trial {found.repeats} with fresh seeds" in found.why and "time" not in found.why
    assert math.isfinite(found.predicted) and found.uncertainty >= 0
    trial = ObservedTrial(
        BEFORE, found.values, "completed", found.predicted, repeats=found.repeats
    )
    again = reevaluation.suggest(BOWL, replace(history, trials=(*history.trials, trial)))
    if again.repeats == found.repeats:
        assert "for the second time" in again.why


def test_unless_asked_scores_without_noise_are_not_doubted():
    history = replace(history_of(), if_noisy=True)
    assert reevaluation.suggest(BOWL, history) is None
    assert reevaluation.suggest(BOWL, replace(history_of(noise=0.5), if_noisy=True)) is not None
    found = suggest(RandomSampler(), BOWL, history, BEFORE, rng_of(BEFORE))
    assert found.repeats is None


def test_scores_that_rise_are_understood():
    falling = history_of()
    rising = tuple(replace(trial, score=-trial.score) for trial in falling.trials)
    turned = replace(falling, trials=rising, direction="maximize")
    one, other = reevaluation.suggest(BOWL, falling), reevaluation.suggest(BOWL, turned)
    assert one.repeats == other.repeats
    assert one.predicted == pytest.approx(-other.predicted)


def test_repeats_that_run_send_the_next_slot_to_another_leader():
    history = history_of(noise=0.5)
    numbers = []
    for number in range(BEFORE, BEFORE + 4):
        found = reevaluation.suggest(BOWL, history)
        numbers.append(found.repeats)
        trial = ObservedTrial(number, found.values, "running", repeats=found.repeats)
        history = replace(history, trials=(*history.trials, trial))
    assert len(set(numbers)) > 1


def test_a_lucky_score_does_not_outlive_its_repeats():
    lucky = worst_of(history_of())
    history = history_of(lucky=lucky)
    assert history.best.number == lucky
    ended = play(history, bowl)
    winner = recommend(BOWL, ended)
    assert winner.observed == lucky
    assert winner.recommended != lucky
    exact = {trial.number: bowl(trial.values) for trial in alone(ended).trials}
    assert exact[winner.recommended] <= sorted(exact.values())[3]


def test_what_holds_is_named_with_its_scores():
    history = play(history_of(), lambda values: bowl(values) + 0.001)
    winner = recommend(BOWL, history)
    again = [trial for trial in history.trials if trial.repeats == winner.recommended]
    assert again
    assert winner.reason.startswith("Re-evaluated with fresh seeds, it scored ")
    assert math.isfinite(winner.estimate)


def test_repeats_that_fail_or_diverge_are_no_praise():
    history = history_of()
    leader = reevaluation.suggest(BOWL, history).repeats
    values = history.trials[leader].values
    for state, score in (("failed", None), ("completed", math.nan), ("completed", None)):
        trials = tuple(
            ObservedTrial(BEFORE + i, values, state, score, repeats=leader) for i in range(3)
        )
        ended = replace(history, trials=(*history.trials, *trials))
        winner = recommend(BOWL, ended)
        assert (winner.recommended == leader) == (
            state == "failed" and recommend(BOWL, history).recommended == leader
        )


def test_a_better_trial_of_a_longer_search_needs_no_repeat_to_be_named():
    history = play(history_of(), bowl)
    best = {"rate": 10**-2.5, "dropout": 0.2, "units": 160, "optimizer": "sgd"}
    trial = ObservedTrial(len(history), best, "completed", bowl(best) - 0.01)
    further = replace(history, trials=(*history.trials, trial), planned=80)
    winner = recommend(BOWL, further)
    assert winner.recommended == trial.number
    assert "scored lower with fresh seeds" in winner.reason


def test_models_learn_the_mean_and_never_a_repeat():
    history = history_of()
    leader = history.best
    scores = (leader.score + 0.2, leader.score + 0.4)
    trials = tuple(
        ObservedTrial(BEFORE + i, leader.values, "completed", score, repeats=leader.number)
        for i, score in enumerate(scores)
    )
    found = pooled(replace(history, trials=(*history.trials, *trials)))
    assert [trial.number for trial in found.trials] == list(range(BEFORE))
    assert found.trials[leader.number].executions == (leader.score, *scores)
    assert found.trials[leader.number].score == pytest.approx(leader.score + 0.2)
    assert pooled(history) == history and alone(history) is history
    diverged = replace(trials[1], score=math.nan)
    found = pooled(replace(history, trials=(*history.trials, trials[0], diverged)))
    assert found.trials[leader.number].executions == (leader.score, scores[0])


def test_two_scores_are_needed():
    assert reevaluation.suggest(BOWL, History(planned=5, confirm=3)) is None
    assert top_trials(BOWL, History()) is None
    one = history_of(trials=1)
    assert reevaluation.suggest(BOWL, one) is None
    assert reevaluation.suggest(BOWL, history_of(trials=2)).repeats in (0, 1)


def test_equal_scores_and_huge_ones_are_answered():
    history = history_of()
    for make in (
        lambda _: 1.0,
        lambda n: 1e300 * (1 + n % 3),
        lambda n: math.nan if n % 2 else 2.0,
    ):
        scored = tuple(replace(t, score=make(t.number)) for t in history.trials)
        found = reevaluation.suggest(BOWL, replace(history, trials=scored))
        assert found.repeats is not None
        assert np.isfinite(found.predicted)
