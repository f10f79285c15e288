"""What holds for every registered sampler over whole searches with four workers."""

import numpy as np
import pytest

from experiments.search.history import History, ObservedTrial
from experiments.search.space.space import Space
from experiments.search.strategies.registry import SAMPLERS, make_sampler
from tests.search.sampler_contract import score_of
from tests.search.spaces import boolean, choice, floats, ints, only_if, space_of

WORKERS = 4
SLUGS = sorted(SAMPLERS)
LEARNING = dict.fromkeys(("auto", "bayesian", "random_forest", "tpe"), 440)  # trials before theirs
SIX_HUNDRED = space_of(
    choice("kind", "a", "b", "c", "d"), ints("n", 1, 15), floats("x", 0, 0.9, step=0.1)
)
THIRTY = space_of(ints("n", 1, 5), choice("kind", "a", "b", "c"), boolean("on"))
DEEP = space_of(
    choice("a", "yes", "no"),
    boolean("b", **only_if("a", "yes")),
    ints("c", 1, 3, **only_if("b", True)),
    choice("d", 1.0, 2.0, 4.0, **only_if("c", 2, 3)),
    floats("e", 1e-4, 1.0, scale="log", **only_if("d", 2.0, 4.0)),
    choice("f", "u", "v", **only_if("a", "yes")),
)


def search(slug: str, space: Space, most: int, taken_over: int = 0) -> History:
    """Four trials run at a time: each answer is given while the last three are pending.

    taken_over: how many random trials come before those of the sampler.
    """
    samplers = make_sampler("random", {}), make_sampler(slug, {})
    done: list[ObservedTrial] = []
    for number in range(most):
        seen = [
            ObservedTrial(t.number, t.values, "running") if t.number > number - WORKERS else t
            for t in done
        ]
        rng = np.random.default_rng([5, number])
        history = History(tuple(seen), "minimize", 5, planned=most, slots=WORKERS)
        suggestion = samplers[number >= taken_over].suggest(space, history, number, rng)
        if suggestion is None:
            break
        space.check(suggestion.values)
        score = score_of(suggestion.values)
        done.append(ObservedTrial(number, suggestion.values, "completed", score))
    return History(tuple(done), "minimize", 5)


def distinct(space: Space, history: History) -> int:
    return len({space.key(trial.values) for trial in history.trials})


@pytest.mark.thorough
@pytest.mark.parametrize("slug", SLUGS)
def test_no_repeats_in_500_trials_on_600_points_with_four_workers(slug):
    assert SIX_HUNDRED.size() == 600
    history = search(slug, SIX_HUNDRED, 500, taken_over=LEARNING.get(slug, 0))
    assert distinct(SIX_HUNDRED, history) == len(history) == 500


@pytest.mark.parametrize("slug", SLUGS)
def test_a_space_of_30_points_is_used_up_after_30(slug):
    """KerasTuner's random search ends at 29 of 30, Optuna's TPE sees 21 of them in 30 trials."""
    history = search(slug, THIRTY, 60)
    assert distinct(THIRTY, history) == len(history) == THIRTY.size() == 30


@pytest.mark.parametrize("slug", SLUGS)
def test_conditions_five_deep_are_searched_without_an_inactive_value(slug):
    trials = search(slug, DEEP, 30).trials
    assert any("e" in trial.values for trial in trials)
    assert len({DEEP.key(trial.values) for trial in trials}) == len(trials) == 30


@pytest.mark.parametrize("slug", [slug for slug in SLUGS if slug != "grid"])
def test_integers_to_a_thousand_million_are_searched_to_both_ends(slug):
    """Half of the samplers move one value at a time, so that the other one comes again."""
    space = space_of(ints("n", 1, 10**9), ints("m", 1, 10**9, scale="log"))
    trials = search(slug, space, 20).trials
    assert len({trial.values["n"] for trial in trials}) >= 10
    logs = [np.log10(trial.values["m"]) for trial in trials]
    assert min(logs) < 4 and max(logs) > 5


def test_a_grid_takes_a_range_of_a_thousand_million_in_own_steps():
    space = space_of(ints("n", 1, 10**9), ints("m", 1, 10**9, scale="log"))
    assert make_sampler("grid", {}).problems(space)
    sampler = make_sampler("grid", {"per_row": "n=5"})
    assert sampler.problems(space) == []
    found = {
        sampler.suggest(space, History(), i, np.random.default_rng(0)).values["n"]
        for i in range(25)
    }
    assert {1, 10**9} < found
    assert len(found) == 5


@pytest.mark.parametrize("slug", [slug for slug in SLUGS if slug != "grid"])
@pytest.mark.parametrize(
    "space",
    [
        space_of(*(floats(f"x{i}", 0, 1) for i in range(200))),
        space_of(choice("c", *(f"w{i}" for i in range(1000))), floats("x", 0, 1)),
        space_of(ints("n", 7, 7)),
    ],
    ids=["200 rows", "1000 choices", "one point"],
)
def test_wide_and_narrow_spaces_are_answered(slug, space):
    history = search(slug, space, 12)
    assert (
        distinct(space, history)
        == len(history)
        == (space.size() or 12 if space.size() == 1 else 12)
    )
