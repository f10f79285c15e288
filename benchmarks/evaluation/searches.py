"""Whole searches, really trained, of which it is known how good each model is on new rows."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt

from benchmarks.evaluation import networks
from benchmarks.evaluation.networks import EPOCHS, Array, Settings, Stack, Task
from benchmarks.evaluation.populations import Codes, Population, Sample, Targets
from experiments.evaluation.protocol import Protocol
from experiments.evaluation.splits import Brought, Rows, Split
from experiments.evaluation.splitting import deal_out

# From the (trials, epochs) scores of first executions to the places of trials that each winner is the best of.
Finalists = Callable[[npt.NDArray[np.float64]], Sequence[npt.NDArray[np.int64]]]
NEW: Final = 100_000  # rows that no model was trained or chosen on, or all that there are
AT_ONCE: Final = 2_000  # of them
PROTOCOLS: Final = {
    "5 folds": Protocol("k_fold", folds=5, locked_test_share=0.0),
    "5 rounds": Protocol("subsampling", rounds=5, locked_test_share=0.0),
    "holdout": Protocol("holdout", locked_test_share=0.0),
    "holdout × 5 seeds": Protocol("holdout", repeats=5, locked_test_share=0.0),
    "2 folds": Protocol("k_fold", folds=2, locked_test_share=0.0),
    "3 folds": Protocol("k_fold", folds=3, locked_test_share=0.0),
    "5 grouped folds": Protocol(
        "k_fold", folds=5, locked_test_share=0.0, respecting="groups", column="group"
    ),
    "5 ordered folds": Protocol(
        "k_fold", folds=5, locked_test_share=0.0, respecting="time", column="time"
    ),
}


@dataclass(frozen=True, slots=True)
class Search:
    """A search that is over. Lists and second axes have one element an execution, parts first.

    predictions: (trials, epochs, validation rows, classes) probabilities, or (trials, epochs, rows)
    numbers of a regression, of each execution. rows: which rows of the search these are. targets:
    (n,) of all rows. codes: (n,) groups or times. part, repeat: of each execution. truth: (trials,
    executions) the metric on new rows of the model that is kept, which is that of the execution's
    own best epoch, the first of equals; NaN where it wasn't asked for. constant: (rows, classes) class shares of each execution's
    training rows, or (rows,) their mean. linear: as predictions, of a linear model, without the
    axis of trials; linear_truth: (executions,).
    """

    protocol: Protocol
    metric: str
    targets: Targets
    codes: Codes | None
    part: tuple[int, ...]
    repeat: tuple[int, ...]
    rows: list[Rows]
    predictions: list[Array]
    truth: npt.NDArray[np.float64]
    constant: list[Array]
    linear: list[Array]
    linear_truth: npt.NDArray[np.float64]

    @property
    def n(self) -> int:
        """Rows of the search."""
        return len(self.targets)


def simulate(
    population: Population,
    rows: int,
    trials: int,
    protocol: Protocol,
    seed: int,
    *,
    finalists: Finalists | None = None,
) -> Search:
    """Draw rows, split them as the product does, and train every trial and a linear model.

    Configurations are drawn at random, as random search does. The same arguments give the same search.
    finalists: the truth is found for the best of each of these; None: for every trial, which takes longer
    than training them on few rows.
    """
    rng = np.random.default_rng([seed, rows])
    known, new = population.draw(rows, NEW, rng)
    while _has_rare_class(population, known, protocol):
        known, new = population.draw(rows, NEW, rng)
    brought = Brought(None if known.codes is None else known.codes)
    labels = known.y.astype(np.int64) if population.classes else None
    split = deal_out(protocol, rows, labels, seed, brought=brought)
    fewest = min(len(train) for train, _ in split.parts)
    settings = [networks.draw_settings(rng, fewest) for _ in range(trials)]
    settings.append(networks.linear_settings(fewest))
    training = _Training(population.classes, known, new, split, protocol.repeats)
    predictions = training.run(settings, rng)
    judged = training.winners(finalists) if finalists else range(trials)
    truth = training.truth([*judged, trials])
    parts = split.parts * protocol.repeats
    return Search(
        protocol,
        population.metric,
        known.y,
        known.codes,
        tuple(range(len(split.parts))) * protocol.repeats,
        tuple(np.repeat(range(protocol.repeats), len(split.parts)).tolist()),
        [tested for _, tested in parts],
        [each[:-1] for each in predictions],
        truth[:-1],
        [_constant(known.y[train], len(tested), population.classes) for train, tested in parts],
        [each[-1] for each in predictions],
        truth[-1],
    )


def _has_rare_class(population: Population, known: Sample, protocol: Protocol) -> bool:
    """Whether a split by classes would be refused."""
    if not population.classes or protocol.respecting != "classes":
        return False
    counts = np.bincount(known.y.astype(np.int64), minlength=population.classes)
    return bool(counts.min() < protocol.fewest_in_all)


def _constant(y: Targets, rows: int, classes: int) -> Array:
    if not classes:
        return np.full(rows, y.mean(), np.float32)
    return np.tile((np.bincount(y, minlength=classes) / len(y)).astype(np.float32), (rows, 1))


def goodness(predictions: Array, targets: Targets, metric: str) -> npt.NDArray[np.float64]:
    """Accuracy, or minus the root mean squared error, over the axis of rows; higher is better.

    predictions: (…, rows, classes), or (…, rows). targets: (rows,), or as predictions without classes.
    """
    if metric == "accuracy":
        right: npt.NDArray[np.float64] = (predictions.argmax(axis=-1) == targets).mean(axis=-1)
        return right
    error: npt.NDArray[np.float64] = -np.sqrt(np.square(predictions - targets).mean(axis=-1))
    return error


def best_of(scores: npt.NDArray[np.float64]) -> int:
    """The place of the highest score, the first of equals, however they were added up."""
    return int(scores.round(9).argmax())


class _Training:
    """Trains all executions of a search; those that have the same shapes at the same time."""

    def __init__(
        self, classes: int, known: Sample, new: Sample, split: Split, repeats: int
    ) -> None:
        self._task = Task.of(known.x, known.y, classes)
        self._new = Task.of(new.x, new.y, classes)
        self._y, self._new_y = known.y, new.y
        self._metric = "accuracy" if classes else "rmse"
        self._parts = split.parts * repeats
        self._kept: dict[tuple[int, int], list[Array]] = {}

    def run(self, settings: Sequence[Settings], rng: np.random.Generator) -> list[Array]:
        """Predictions of each execution, as Search has them."""
        outputs = self._task.y.shape[1]
        predictions = [
            np.empty((len(settings), EPOCHS, len(tested), outputs), np.float32)
            for _, tested in self._parts
        ]
        self._best = np.full((len(settings), len(self._parts)), -np.inf)
        self._curves = np.full((len(settings), EPOCHS), -np.inf)
        alike: dict[tuple[int, ...], list[tuple[int, int]]] = defaultdict(list)
        for trial, each in enumerate(settings):
            for execution, (train, _) in enumerate(self._parts):
                shape = (each.hidden, each.steps, each.batch_size, len(train) // each.batch_size)
                alike[shape].append((trial, execution))
        for places in alike.values():
            stack = Stack(self._task, [settings[trial] for trial, _ in places], rng)
            self._train(stack, places, predictions, rng)
        if self._task.is_regression:
            predictions = [each[..., 0] for each in predictions]
        return predictions

    def winners(self, finalists: Finalists) -> set[int]:
        """The best of each, by the mean of each execution's best epoch."""
        means = self._best.mean(axis=1)
        return {int(each[best_of(means[each])]) for each in finalists(self._curves[:-1])}

    def truth(self, trials: Sequence[int]) -> npt.NDArray[np.float64]:
        """(trials, executions) the metric on new rows of the models that were kept; else NaN."""
        found = np.full(self._best.shape, np.nan)
        for trial, execution in product(trials, range(len(self._parts))):
            value = self._true_metric(self._kept[trial, execution])
            found[trial, execution] = value if self._metric == "accuracy" else -value
        return found

    def _train(
        self,
        stack: Stack,
        places: list[tuple[int, int]],
        predictions: list[Array],
        rng: np.random.Generator,
    ) -> None:
        """Train a stack for all epochs; keep the weights of each network's best epoch."""
        fewest = min(len(self._parts[execution][0]) for _, execution in places)
        train = np.stack([rng.permutation(self._parts[each][0])[:fewest] for _, each in places])
        most = max(len(self._parts[execution][1]) for _, execution in places)
        tested = np.stack([np.resize(self._parts[each][1], most) for _, each in places])
        x = self._task.x[tested]
        for epoch in range(EPOCHS):
            stack.epoch(train)
            found = stack.predict(x).astype(np.float16).astype(np.float32)
            for place, (trial, execution) in enumerate(places):
                rows = self._parts[execution][1]
                own = found[place, : len(rows)]
                predictions[execution][trial, epoch] = own
                score = float(self._goodness(own, self._y[rows]))
                if execution == 0:
                    self._curves[trial, epoch] = score
                if score > self._best[trial, execution]:
                    self._best[trial, execution] = score
                    weights = [each[place : place + 1].copy() for each in stack.weights]
                    self._kept[trial, execution] = weights

    def _true_metric(self, weights: list[Array]) -> float:
        parts = [
            networks.predict(weights, x, is_regression=self._task.is_regression)[0]
            for x in np.split(self._new.x, range(AT_ONCE, len(self._new.x), AT_ONCE))
        ]
        return float(self._goodness(np.concatenate(parts), self._new_y))

    def _goodness(self, predictions: Array, targets: Targets) -> npt.NDArray[np.float64]:
        said = predictions[..., 0] if self._task.is_regression else predictions
        return goodness(said, targets, self._metric)
