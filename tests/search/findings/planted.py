"""Searches with one known fault, and the same without it: spaces, histories and curves."""

import math

import numpy as np

from experiments.search.findings.search_state import TrainedCurve
from experiments.search.history import History, ObservedTrial, Values
from experiments.search.space.space import Space
from tests.search.spaces import choice, floats, ints, space_of

SPACE = space_of(
    floats("learning_rate", 1e-4, 1e-1, scale="log"),
    floats("dropout", 0.0, 0.5),
    ints("units", 16, 256, step=16),
    choice("batch_size", 32, 64, 128, 256, 512),
    choice("activation", "relu", "tanh"),
)


def healthy_score(values: Values) -> float:
    """An accuracy with its optimum inside of every range; every hyperparameter matters."""
    rate = (math.log10(float(values["learning_rate"])) + 2.5) / 1.5
    dropout = (float(values["dropout"]) - 0.25) / 0.25
    units = (float(values["units"]) - 136) / 120
    batch = abs(math.log2(float(values["batch_size"])) - 7) / 2
    word = 0.9 if values["activation"] == "tanh" else 0.0
    return 0.95 - 0.1 * (rate**2 + 0.7 * dropout**2 + 0.7 * units**2 + 0.5 * batch**2 + word)


def searched(
    score,
    trials: int,
    *,
    space: Space = SPACE,
    seed: int = 0,
    noise: float = 0.005,
    executions: int = 1,
) -> History:
    """Random search; a score of None fails."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(trials):
        values = space.draw(rng)
        exact = score(values)
        if exact is None:
            found.append(ObservedTrial(number, values, "failed"))
            continue
        each = tuple(float(exact + noise * rng.normal()) for _ in range(executions))
        kept = each if executions > 1 else ()
        found.append(
            ObservedTrial(number, values, "completed", float(np.mean(each)), executions=kept)
        )
    return History(tuple(found), "maximize", planned=trials)


def edge_score(values: Values) -> float:
    """The learning rate would do better still below its range."""
    rate = (math.log10(float(values["learning_rate"])) + 4.6) / 1.5
    return healthy_score(values | {"learning_rate": 10**-2.5}) - 0.1 * rate**2


def dead_score(values: Values) -> float:
    """Dropout does nothing."""
    return healthy_score(values | {"dropout": 0.25})


def curves_of(
    history: History, *, overfits: bool, epochs: int = 30, seed: int = 0
) -> tuple[TrainedCurve, ...]:
    """Curves of the ten best trials: saturating, or falling from epoch 10 on."""
    rng = np.random.default_rng([seed, len(history)])
    t = np.arange(1, epochs + 1)
    found = []
    for trial in sorted(history.scored, key=lambda each: -(each.score or 0.0))[:10]:
        rise = (trial.score or 0.0) * (1 - 0.5 * np.exp(-t / 3))
        fall = 0.006 * np.maximum(0, t - 10) if overfits else 0.0
        validation = rise - fall + 0.004 * rng.normal(size=epochs)
        training = 1 - 0.6 * np.exp(-t / 5)
        found.append(
            TrainedCurve(trial.number, tuple(map(float, validation)), tuple(map(float, training)))
        )
    return tuple(found)
