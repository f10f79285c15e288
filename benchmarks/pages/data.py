"""The trials that the page bench looks at. Standard library only.

Six hyperparameters, four metrics; the last trial is running, a few failed, some were pruned.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

EPOCHS = 50
OBJECTIVE = "val_accuracy"
RUNNING_EPOCHS = 20  # of the trial that is still running
SPACE: list[dict[str, Any]] = [
    {"name": "learning_rate", "type": "float", "min": 1e-5, "max": 1e-1, "scale": "log"},
    {"name": "layers", "type": "int", "min": 1, "max": 6},
    {"name": "units", "type": "int", "min": 32, "max": 512},
    {"name": "dropout", "type": "float", "min": 0.0, "max": 0.5},
    {"name": "weight_decay", "type": "float", "min": 1e-6, "max": 1e-2, "scale": "log"},
    {"name": "optimizer", "type": "choice", "choices": ["adam", "sgd", "rmsprop"]},
]


@dataclass(frozen=True, slots=True)
class Made:
    """One trial; `history` holds a list of an epoch's values for each metric."""

    number: int
    state: str
    values: dict[str, Any]
    history: dict[str, list[float]] = field(repr=False)

    @property
    def score(self) -> float | None:
        """The best epoch's objective; None where it was not trained to its end."""
        return max(self.history[OBJECTIVE]) if self.state == "completed" else None


def made_trials(trials: int) -> Iterator[Made]:
    """The same trials in each call."""
    rng = random.Random(0)
    for number in range(trials):
        yield _made(number, _state(number, trials, rng), rng)


def _state(number: int, trials: int, rng: random.Random) -> str:
    draw = rng.random()
    if number == trials - 1:
        return "running"
    if draw < 0.02:
        return "failed"
    return "pruned" if draw < 0.15 else "completed"


def _made(number: int, state: str, rng: random.Random) -> Made:
    values: dict[str, Any] = {
        "learning_rate": 10 ** rng.uniform(-5, -1),
        "layers": rng.randint(1, 6),
        "units": rng.randint(32, 512),
        "dropout": rng.uniform(0, 0.5),
        "weight_decay": 10 ** rng.uniform(-6, -2),
        "optimizer": rng.choice(["adam", "sgd", "rmsprop"]),
    }
    top = 0.95 - 0.02 * (math.log10(values["learning_rate"]) + 3) ** 2 - 0.05 * values["dropout"]
    lengths = {"running": RUNNING_EPOCHS, "failed": 3, "pruned": rng.randint(3, 25)}
    speed = rng.uniform(0.05, 0.4)
    curve = [
        top - 0.4 * math.exp(-speed * epoch) + rng.gauss(0, 0.004)
        for epoch in range(lengths.get(state, EPOCHS))
    ]
    history = {
        "loss": [2.8 * (1 - value) for value in curve],
        "accuracy": [min(1.0, value + 0.01) for value in curve],
        "val_loss": [3 * (1 - value) for value in curve],
        OBJECTIVE: curve,
    }
    return Made(number, state, values, history)
