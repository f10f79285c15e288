"""What comes before the sampler's own ideas: by hand first, then the portfolio in turn with it."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.search.history import Enqueued, History, ObservedTrial, WarmStart
from experiments.search.models.transfer_portfolio import portfolio
from experiments.search.samplers.bayesian import BayesianSampler
from experiments.search.samplers.random import RandomSampler
from experiments.search.strategies.queued_configurations import suggest
from experiments.search.strategies.registry import SAMPLERS
from tests.search.objectives import BOWL, bowl, search
from tests.search.sampler_contract import MIXED, rng_of, score_of
from tests.search.spaces import choice, space_of
from tests.search.warm import opposite, study

HAND = tuple(Enqueued(values, "Added manually.") for values in study(seed=5).values[:2])
TAKEN = tuple(Enqueued(values, "Good before.") for values in study(seed=6).values[:5])


def run(warm, count, *, sampler=None, score=bowl, space=BOWL, seed=0, state="completed"):
    """A search with a warm start: the trials, and the reason of each."""
    history = History(seed=seed, warm=warm)
    reasons = []
    for number in range(count):
        found = suggest(sampler or RandomSampler(), space, history, number, rng_of(number, seed))
        if found is None:
            break
        value = score(found.values) if state == "completed" else None
        trial = ObservedTrial(number, found.values, state, value)
        history = replace(history, trials=(*history.trials, trial))
        reasons.append(found.why)
    return history.trials, reasons


@pytest.mark.parametrize("slug", SAMPLERS)
def test_without_a_warm_start_the_answer_is_the_samplers_own(slug):
    sampler = SAMPLERS[slug]()
    trials = run(WarmStart(), 7, sampler=RandomSampler(), space=MIXED, score=score_of)[0]
    history = History(trials)
    asked = suggest(sampler, MIXED, history, 7, rng_of(7))
    assert asked == sampler.suggest(MIXED, history, 7, rng_of(7))


def test_configurations_by_hand_come_first_and_say_so():
    trials, reasons = run(WarmStart(by_hand=HAND), 4)
    assert [trial.values for trial in trials[:2]] == [each.values for each in HAND]
    assert reasons[:2] == ["Added manually."] * 2
    assert "by hand" not in reasons[2]
    first = suggest(RandomSampler(), BOWL, History(warm=WarmStart(by_hand=HAND)), 0, rng_of(0))
    assert first.kind == "manual"


def test_the_portfolio_takes_turns_with_the_sampler():
    _, reasons = run(WarmStart(portfolio=TAKEN), 12, score=lambda values: 0.5)
    assert [why == "Good before." for why in reasons] == [True, False] * 5 + [False] * 2


def test_by_hand_comes_before_the_portfolio_and_takes_none_of_its_turns():
    _, reasons = run(WarmStart(by_hand=HAND, portfolio=TAKEN), 6, score=lambda values: 0.5)
    assert reasons[:3] == ["Added manually."] * 2 + ["Good before."]
    assert [why == "Good before." for why in reasons[2:]] == [True, False, True, False]


def test_nothing_that_is_enqueued_is_tried_twice_even_while_all_run():
    warm = WarmStart(by_hand=(*HAND, HAND[0]), portfolio=(HAND[1], *TAKEN, TAKEN[0]))
    trials, _ = run(warm, 14, state="running")
    assert len({BOWL.key(trial.values) for trial in trials}) == 14


def test_values_in_another_order_are_the_same_configuration():
    turned = tuple(
        Enqueued(dict(reversed(each.values.items())), each.why) for each in (*HAND, *TAKEN)
    )
    plain = run(WarmStart(by_hand=HAND, portfolio=TAKEN), 12)
    assert run(WarmStart(by_hand=turned[:2], portfolio=turned[2:]), 12) == plain


def test_a_portfolio_whose_first_three_are_bad_ends():
    taken = {BOWL.key(each.values) for each in TAKEN}
    _, reasons = run(
        WarmStart(portfolio=TAKEN),
        12,
        score=lambda values: 9.0 if BOWL.key(values) in taken else bowl(values),
    )
    assert reasons.count("Good before.") == 3


def test_what_the_space_no_longer_holds_is_passed_over():
    narrow = space_of(choice("optimizer", "adam", "sgd"))
    warm = WarmStart(by_hand=(Enqueued({"optimizer": "lion"}, "Old."), *HAND))
    trials, reasons = run(warm, 3, space=narrow, score=lambda values: 0.0)
    assert len(trials) == 2
    assert "Old." not in reasons


def test_a_used_up_sampler_leaves_the_rest_of_the_portfolio():
    class Silent(RandomSampler):
        def suggest(self, space, history, number, rng):
            return None

    _, reasons = run(WarmStart(portfolio=TAKEN), 9, sampler=Silent())
    assert reasons == ["Good before."] * 5


def best_of(studies, *, trials, seeds=2):
    """Mean over seeds of the best score of a search with that history."""
    bests = []
    for seed in range(seeds):
        picks = portfolio(BOWL, studies)
        taken = tuple(Enqueued(pick.values, "Good before.") for pick in picks)
        warm = WarmStart(studies=tuple(studies), portfolio=taken)
        found, _ = run(warm, trials, sampler=BayesianSampler(), seed=seed)
        bests.append(min(trial.score for trial in found))
    return np.mean(bests)


def test_a_process_that_was_told_before_needs_fewer_starting_points_the_middle_first():
    earlier = study(key="starts")
    picks = portfolio(BOWL, [earlier])
    taken = tuple(Enqueued(pick.values, "Good before.") for pick in picks)
    warm = WarmStart(studies=(earlier,), portfolio=taken)
    trials, reasons = run(warm, 6, sampler=BayesianSampler())
    assert reasons[::2] == ["Good before."] * 3
    assert reasons[1] == "The middle of the space."
    assert trials[1].values == BOWL.canonical(BOWL.defaults())
    assert reasons[3].startswith("Initial point 2 of 2")
    assert reasons[5].startswith(("Exploits", "Explores"))


def test_a_history_that_agrees_makes_the_first_ten_trials_better():
    assert best_of([study(key="agrees")], trials=8) < 0.6 * best_of([], trials=8)


def test_a_hostile_history_leaves_a_search_far_better_than_random():
    hostile = best_of([study(opposite, key="hostile", count=25)], trials=25)
    drawn = [search(RandomSampler(), BOWL, bowl, 25, seed=seed).trials for seed in range(2)]
    assert hostile < 0.5 * np.mean([min(trial.score for trial in trials) for trials in drawn])


def test_what_people_put_in_meanwhile_takes_none_of_the_portfolios_turns():
    warm = WarmStart(portfolio=TAKEN)
    rng = np.random.default_rng(5)
    put_in = [
        ObservedTrial(number, BOWL.decode(rng.random(len(BOWL))), "completed", 0.5, by_hand=True)
        for number in range(3)
    ]
    history = History(trials=tuple(put_in), warm=warm)
    first = suggest(RandomSampler(), BOWL, history, 3, rng_of(3))
    assert first.why == "Good before."
    mine = ObservedTrial(3, first.values, "completed", 0.5)
    history = History(trials=(*put_in, mine), warm=warm)
    assert suggest(RandomSampler(), BOWL, history, 4, rng_of(4)).why != "Good before."


@pytest.mark.parametrize("slug", sorted(SAMPLERS))
def test_every_sampler_goes_on_after_a_configuration_was_run_again(slug):
    sampler = SAMPLERS[slug]()
    history = search(sampler, MIXED, score_of, 9)
    again = replace(history.trials[4], number=9, by_hand=True)
    trials = (*history.trials, again)
    found = suggest(sampler, MIXED, replace(history, trials=trials), 10, rng_of(10))
    tried = {MIXED.key(trial.values) for trial in trials}
    assert found is not None
    assert MIXED.key(found.values) not in tried
