"""Objectives with a known optimum, as spaces and scores, for tests of direction."""

import math
from collections.abc import Callable

import numpy as np

from experiments.search.history import History, ObservedTrial, Values
from experiments.search.space.space import Space
from experiments.search.strategy import Sampler
from tests.search.spaces import choice, floats, ints, space_of

BRANIN = space_of(floats("x", -5, 10), floats("y", 0, 15))
BRANIN_LEAST = 0.397887
BOWL = space_of(
    floats("rate", 1e-4, 1e-1, scale="log"),
    floats("dropout", 0.0, 0.5),
    ints("units", 16, 256, step=16),
    choice("optimizer", "adam", "sgd", "rmsprop"),
)


def branin(values: Values) -> float:
    """Branin 1972, minimum 0.397887 at three points."""
    x, y = float(values["x"]), float(values["y"])
    inner = y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6
    return inner**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def bowl(values: Values) -> float:
    """0 at a rate of 10^-2.5, dropout 0.2, 160 units and sgd; about 1 at the ends."""
    words = {"adam": 0.1, "sgd": 0.0, "rmsprop": 0.3}[str(values["optimizer"])]
    rate = (math.log10(float(values["rate"])) + 2.5) / 1.5
    dropout = (float(values["dropout"]) - 0.2) / 0.3
    units = (float(values["units"]) - 160) / 144
    return rate**2 + 0.5 * dropout**2 + 0.5 * units**2 + words


def search(
    sampler: Sampler,
    space: Space,
    score: Callable[[Values], float | None],
    trials: int,
    *,
    seed: int = 0,
    noise: float = 0.0,
    slots: int = 1,
) -> History:
    """A search of completed trials; a score of None fails, and `slots` trials run at a time."""
    rng = np.random.default_rng([seed, 12345])
    found: list[ObservedTrial] = []
    for number in range(trials + slots - 1):
        if number < trials:
            suggestion = sampler.suggest(
                space, History(tuple(found), "minimize", seed), number,
                np.random.default_rng([seed, number]),
            )  # fmt: skip
            if suggestion is not None:
                found.append(ObservedTrial(number, suggestion.values, "running"))
        done = number - slots + 1
        if 0 <= done < len(found):
            values = found[done].values
            exact = score(values)
            noisy = None if exact is None else exact + noise * rng.normal()
            state = "failed" if exact is None else "completed"
            found[done] = ObservedTrial(done, values, state, noisy)
    return History(tuple(found), "minimize", seed)
