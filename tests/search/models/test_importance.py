"""Importance on planted functions: what is first, what is dead, what works only in pairs."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.search.models.importance import LEAST_TRIALS, MOST_ACTIVE, MOST_TRIALS, studies
from experiments.search.space.space import Space
from tests.search.spaces import boolean, choice, fixed, floats, ints, only_if, space_of, spaces

PLANTED = space_of(
    floats("rate", 1e-5, 1e-1, scale="log"),
    ints("layers", 1, 6),
    choice("optimizer", "adam", "sgd", "rmsprop"),
    floats("dead", 0, 1),
    boolean("dead_switch"),
    fixed("seed", 3),
)
CROSSED = space_of(floats("x", 0, 1), floats("y", 0, 1), floats("dead", 0, 1))
NESTED = space_of(
    choice("optimizer", "adam", "sgd"),
    floats("rate", 0, 1),
    floats("momentum", 0, 1, **only_if("optimizer", "sgd")),
    boolean("nesterov", **only_if("optimizer", "sgd")),
)


def drawn(space, n, seed=0):
    rng = np.random.default_rng(seed)
    return [space.draw(rng) for _ in range(n)]


def planted(values, seed=0):
    """The rate moves most, the optimizer and the layers a little, the others nothing."""
    noise = np.random.default_rng([seed, 1]).normal(size=len(values))
    words = {"adam": 0.0, "sgd": 0.8, "rmsprop": 0.2}
    return (
        np.array(
            [
                (math.log10(v["rate"]) + 3) ** 2 + words[v["optimizer"]] + 0.15 * v["layers"]
                for v in values
            ]
        )
        + 0.2 * noise
    )


def alone(study):
    return {each.names[0]: each for each in study.effects if len(each.names) == 1}


@pytest.mark.parametrize("n", [60, 200, 800])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_dominant_one_is_first_and_dead_ones_are_at_nothing(n, seed):
    values = drawn(PLANTED, n, seed)
    (study,) = studies(PLANTED, values, planted(values, seed))
    effects = alone(study)
    first = next(iter(effects))
    assert study.state == "estimated" and first == "rate" and "seed" not in effects
    for name in ("dead", "dead_switch"):
        assert abs(effects[name].share) < 0.05
        assert effects[name].high < effects["rate"].low
    assert study.used == min(n, MOST_TRIALS) and study.n == n


def test_the_parts_are_those_of_the_function():
    """Variances of a sum over its terms: 2 a^2 with a = 2 / 3, 0.8 ** 2 / 12 and 1 / 3 of it."""
    space = space_of(floats("x", 0, 1), floats("y", 0, 1), choice("z", "a", "b"))
    values = drawn(space, 400)
    loss = np.array([2 * v["x"] + v["y"] + 0.5 * (v["z"] == "b") for v in values])
    (study,) = studies(space, values, loss)
    terms = {"x": 4 / 12, "y": 1 / 12, "z": 0.25 / 4}
    for name, effect in alone(study).items():
        assert effect.share == pytest.approx(terms[name] / sum(terms.values()), abs=0.08)


def test_what_works_only_in_a_pair_is_found():
    values = drawn(CROSSED, 400)
    loss = np.array([float((v["x"] > 0.5) != (v["y"] > 0.5)) for v in values])
    (study,) = studies(CROSSED, values, loss)
    pair = next(each for each in study.effects if len(each.names) == 2)
    assert pair.names == ("x", "y") and pair.low > 0.5
    assert all(effect.share < 0.1 for effect in alone(study).values())


@pytest.mark.parametrize("n", [LEAST_TRIALS, 100, 500])
def test_mere_noise_is_told_as_such(n):
    values = drawn(PLANTED, n, 5)
    loss = np.random.default_rng(6).normal(size=n)
    (study,) = studies(PLANTED, values, loss)
    assert study.state == "unclear" and not study.effects


def test_a_conditional_one_is_judged_where_it_is_active():
    values = drawn(NESTED, 300, 2)
    rng = np.random.default_rng(3)
    loss = np.array([3 * v.get("momentum", 0.0) for v in values]) + 0.1 * rng.normal(size=300)
    root, inner = studies(NESTED, values, loss)
    active = sum("momentum" in v for v in values)
    assert root.names == ("optimizer", "rate") and root.n == 300
    assert inner.names == ("momentum", "nesterov") and inner.n == active
    assert inner.used == min(active, MOST_ACTIVE)
    assert [each.name for each in inner.conditions] == ["optimizer"]
    effects = alone(inner)
    assert effects["momentum"].low > 0.8 and abs(effects["nesterov"].share) < 0.05
    assert inner.surface("momentum", "rate") is not None
    assert inner.axis("optimizer") is None  # it has one value there
    assert root.surface("momentum", "rate") is None


def test_too_few_trials_and_equal_scores_are_told():
    values = drawn(PLANTED, LEAST_TRIALS)
    (few,) = studies(PLANTED, values[:-1], planted(values[:-1]))
    assert (few.state, few.n) == ("few", LEAST_TRIALS - 1)
    (equal,) = studies(PLANTED, values, np.ones(len(values)))
    assert equal.state == "equal"
    (none,) = studies(PLANTED, [], np.empty(0))
    assert (none.state, none.n) == ("few", 0)


def test_the_same_trials_give_the_same_answer():
    values = drawn(PLANTED, 700)
    loss = planted(values)
    assert studies(PLANTED, values, loss)[0].effects == studies(PLANTED, values, loss)[0].effects


def test_a_very_bad_corner_does_not_decide_alone():
    values = drawn(PLANTED, 200)
    loss = planted(values)
    loss[[3, 50]] = 1e12
    (study,) = studies(PLANTED, values, loss)
    assert study.effects[0].names == ("rate",)


def test_a_choice_of_500_words_is_put_together():
    space = space_of(choice("word", *[f"w{i}" for i in range(500)]), floats("x", 0, 1))
    values = drawn(space, 200)
    (study,) = studies(space, values, np.array([v["x"] for v in values]))
    assert study.effects[0].names == ("x",)
    axis = study.axis("word")
    assert axis is not None
    assert axis.shares.sum() == pytest.approx(1) and sum(many for *_, many in axis.ends()) == 500


def test_the_surface_follows_the_function_and_comes_back_in_its_units():
    space = space_of(floats("x", 0, 1), ints("y", 1, 4), floats("dead", 0, 1))
    values = drawn(space, 400)
    (study,) = studies(space, values, np.array([100 + 10 * v["x"] + v["y"] for v in values]))
    surface = study.surface("x", "y")
    assert surface is not None
    mean, error = surface
    assert mean.shape == error.shape == (16, 4)
    assert mean[0, 0] == pytest.approx(101.5, abs=1.5) and mean[-1, -1] == pytest.approx(
        113.5, abs=1.5
    )
    assert (error >= 0).all()


@settings(max_examples=15, deadline=None)
@given(space=spaces(), seed=st.integers(0, 100))
def test_any_space_gets_parts_that_are_numbers(space: Space, seed: int):
    values = drawn(space, 40, seed)
    loss = np.random.default_rng(seed).choice([0.0, 1.0, 1e300, -5.0], size=40)
    for study in studies(space, values, loss):
        for effect in study.effects:
            assert all(math.isfinite(part) for part in (effect.share, effect.low, effect.high))
