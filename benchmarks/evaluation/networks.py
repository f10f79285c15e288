"""Small neural networks, trained many at a time in numpy."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

EPOCHS: Final = 30
MOMENTUM: Final = 0.9
HUBER: Final = 1.0  # from which a regression's errors count linearly (Huber 1964)
STEEPEST: Final = 1.0  # component of a gradient, so that no network diverges
LARGEST: Final = 30.0  # logit, either way
WIDTHS: Final = (0, 8, 16, 32)
STEPS: Final = (8, 16, 32)  # of an epoch
LARGEST_BATCH: Final = 64


@dataclass(frozen=True, slots=True)
class Settings:
    """Hyperparameters of a network with at most one hidden layer, as a search draws them.

    hidden: units; 0: a linear model. steps: most of an epoch, each on `batch_size` rows.
    dropout: share of the inputs that each batch
    goes without.
    """

    hidden: int
    steps: int
    batch_size: int
    learning_rate: float
    l2: float
    dropout: float


def draw_settings(rng: np.random.Generator, training_rows: int) -> Settings:
    """Settings at random. An epoch sees all rows where there are few, and some of many."""
    steps = int(rng.choice(STEPS))
    return Settings(
        hidden=int(rng.choice(WIDTHS)),
        steps=steps,
        batch_size=_batch_size(training_rows, steps),
        learning_rate=float(10 ** rng.uniform(-3, -1)),
        l2=float(10 ** rng.uniform(-5, -1.5)),
        dropout=float(rng.uniform(0, 0.4)),
    )


def linear_settings(training_rows: int) -> Settings:
    """A plain linear model."""
    steps = STEPS[1]
    return Settings(0, steps, _batch_size(training_rows, steps), 0.03, 1e-4, 0.0)


def _batch_size(training_rows: int, steps: int) -> int:
    return min(max(4, training_rows // steps), LARGEST_BATCH)


@dataclass(frozen=True, slots=True)
class Task:
    """Rows to learn from.

    x: (n, inputs). y: (n, classes) of 0 and 1, or (n, 1) numbers of a regression.
    """

    x: Array
    y: Array
    is_regression: bool

    @classmethod
    def of(cls, x: Array, y: npt.NDArray[np.generic], classes: int) -> "Task":
        """classes: 0 for a regression. A column of ones is added for the bias."""
        x = np.hstack([x, np.ones((len(x), 1), np.float32)])
        if classes:
            return cls(x, np.eye(classes, dtype=np.float32)[y], is_regression=False)
        return cls(x, y.astype(np.float32)[:, None], is_regression=True)


class Stack:
    """Networks of the same widths, steps and batch size, trained side by side on rows of their own."""

    def __init__(self, task: Task, settings: Sequence[Settings], rng: np.random.Generator) -> None:
        """Draw the first weights."""
        self._task, self._rng = task, rng
        self._batch, self._steps = settings[0].batch_size, settings[0].steps
        self._rate = _column(each.learning_rate for each in settings)
        self._l2 = _column(each.l2 for each in settings)
        self._kept = _column(1 - each.dropout for each in settings)
        inputs, outputs, hidden = task.x.shape[1], task.y.shape[1], settings[0].hidden
        sizes = [(inputs, hidden), (hidden + 1, outputs)] if hidden else [(inputs, outputs)]
        self.weights = [
            rng.standard_normal((len(settings), *size), dtype=np.float32) * (1 / size[0]) ** 0.5
            for size in sizes
        ]
        self._velocity = [np.zeros_like(each) for each in self.weights]

    def epoch(self, rows: Rows) -> None:
        """Train once on rows (networks, training rows), each network's own."""
        order = self._rng.permuted(rows, axis=1)
        for step in range(min(self._steps, order.shape[1] // self._batch)):
            self._step(order[:, step * self._batch : (step + 1) * self._batch])

    def _step(self, batch: Rows) -> None:
        x = self._task.x[batch]
        first, *others = self.weights
        # Inputs are dropped for a whole batch, so that weights can be masked in place of rows.
        mask = (
            self._rng.random(first[:, :, :1].shape, dtype=np.float32) < self._kept
        ) / self._kept
        mask[:, -1] = 1  # the bias stays
        hidden, outputs = _forward([first * mask, *others], x)
        errors = outputs if self._task.is_regression else _softmax(outputs)
        errors -= self._task.y[batch]
        if self._task.is_regression:
            np.clip(errors, -HUBER, HUBER, out=errors)
        errors /= self._batch
        slopes = [(x if hidden is None else hidden).transpose(0, 2, 1) @ errors]
        if hidden is not None:
            back = errors @ self.weights[1][:, :-1].transpose(0, 2, 1)
            back *= hidden[:, :, :-1] > 0
            slopes.insert(0, x.transpose(0, 2, 1) @ back)
        slopes[0] *= mask
        for weights, velocity, slope in zip(self.weights, self._velocity, slopes, strict=True):
            np.clip(slope, -STEEPEST, STEEPEST, out=slope)
            velocity *= MOMENTUM
            velocity -= self._rate * (slope + self._l2 * weights)
            weights += velocity

    def predict(self, x: Array) -> Array:
        """x: (networks, rows, inputs), or (rows, inputs) for all; to (networks, rows, outputs)."""
        return predict(self.weights, x, is_regression=self._task.is_regression)


def predict(weights: Sequence[Array], x: Array, *, is_regression: bool) -> Array:
    """Probabilities, or numbers, of networks whose weights are stacked."""
    _, outputs = _forward(weights, x)
    return outputs if is_regression else _softmax(outputs)


def _forward(weights: Sequence[Array], x: Array) -> tuple[Array | None, Array]:
    if len(weights) == 1:
        return None, x @ weights[0]
    units = x @ weights[0]
    hidden = np.ones((*units.shape[:2], units.shape[2] + 1), np.float32)
    np.maximum(units, 0, out=hidden[:, :, :-1])
    return hidden, hidden @ weights[1]


def _softmax(outputs: Array) -> Array:
    np.clip(outputs, -LARGEST, LARGEST, out=outputs)
    np.exp(outputs, out=outputs)
    # numpy sums a short last axis slowly.
    outputs /= outputs @ np.ones((outputs.shape[-1], 1), np.float32)
    return outputs


def _column(values: Iterator[float]) -> Array:
    return np.array(list(values), np.float32)[:, None, None]
