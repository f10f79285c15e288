"""The fused path against Keras's own `fit`, case by case: a program, since it needs TensorFlow.

`python -m benchmarks.equality.side`. Prints one JSON object last. Both sides build the same model
from the same seed and see the rows in the same order; `fit` is called as anybody would call it.
"""

import itertools
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np
from sklearn.datasets import load_digits

from benchmarks.equality.models_side import (
    classifier,
    recurrent,
    subclassed,
    two_headed,
    with_auc,
)
from experiments.catalog.registry import CATALOG
from experiments.data_schema import Column, DataSchema
from experiments.training.child.builders import Builder
from experiments.training.child.datasets import Rows, balanced_weights
from experiments.training.child.fused import Arrays, FusedEpochs, adopt, fit_fused

EPOCHS = 4
BATCH_SIZE = 32
ROWS, TRAINED = 500, 410  # the last batch of an epoch is a short one
Build = Callable[[int], Any]


@dataclass(frozen=True)
class Case:
    """A model to build from a seed, and the rows that it trains on and is validated on."""

    name: str
    build: Build
    train: Arrays
    validation: Arrays


class Recorder(keras.callbacks.Callback):  # type: ignore[misc]
    """Keeps each epoch's logs."""

    def __init__(self) -> None:
        """Nothing yet."""
        super().__init__()
        self.epochs: list[dict[str, float]] = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Keep them."""
        self.epochs.append({name: float(value) for name, value in logs.items()})


def difference(case: Case) -> float:
    """Return the largest difference of any metric: of a first execution, and of one after it."""
    fused = FusedEpochs(
        case.build(1),
        case.train,
        case.validation,
        batch_size=BATCH_SIZE,
    )
    fused.trace()
    largest = 0.0
    for seed in (1, 2):
        if seed > 1:
            adopt(fused, case.build(seed))
        recorder = Recorder()
        orders = itertools.repeat(np.arange(len(case.train)))
        fit_fused(fused, orders, [recorder], range(EPOCHS))
        largest = max(largest, _apart(recorder.epochs, plain_fit(case, seed)))
    return largest


def plain_fit(case: Case, seed: int) -> list[dict[str, float]]:
    """Train the same model as Keras does."""
    recorder = Recorder()
    case.build(seed).fit(
        case.train.inputs,
        case.train.targets,
        sample_weight=case.train.weights,
        validation_data=case.validation.triple,
        batch_size=BATCH_SIZE,
        epochs=EPOCHS,
        shuffle=False,
        callbacks=[recorder],
        verbose=0,
    )
    return recorder.epochs


def _apart(one: list[dict[str, float]], other: list[dict[str, float]]) -> float:
    if [set(logs) for logs in one] != [set(logs) for logs in other]:
        return float("inf")
    pairs = zip(one, other, strict=True)
    return max(abs(a[name] - b[name]) for a, b in pairs for name in a)


def digits_schema() -> DataSchema:
    """The digits as images."""
    classes = tuple("0123456789")
    return DataSchema("image", "classification", (8, 8, 1), 16.0, classes, rows=ROWS)


def table_schema(task: Any) -> DataSchema:
    """A table of numbers with gaps and two columns of categories."""
    numbers = tuple(Column(name, "number") for name in "abcd")
    categories = (
        Column("colour", "category", ("red", "green", "blue")),
        Column("size", "category", ("s", "m", "l", "xl")),
    )
    classes = ("no", "yes", "maybe") if task == "classification" else ()
    columns = numbers + categories
    return DataSchema("table", task, (4, 2), 1.0, classes, "target", columns, ROWS)


def table_rows(task: str) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Rows whose target follows from the columns, with missing values in both."""
    rng = np.random.default_rng(0)
    numbers = rng.normal(3.0, 5.0, (ROWS, 4)).astype("float32")
    categories = np.stack([rng.integers(0, 3, ROWS), rng.integers(0, 4, ROWS)], 1).astype("int32")
    score = numbers[:, 0] + 2 * categories[:, 0] - categories[:, 1]
    numbers[rng.random(numbers.shape) < 0.05] = np.nan
    categories[rng.random(categories.shape) < 0.05] = -1
    if task == "regression":
        return {"numbers": numbers, "categories": categories}, score.astype("float32")
    targets = np.digitize(score, np.quantile(score, [0.33, 0.67]))
    return {"numbers": numbers, "categories": categories}, targets.astype("int64")


def template_cases() -> Iterator[Case]:
    """Every template of the catalog with every kind of data that it takes, at its defaults."""
    digits = load_digits()
    images = digits.images[:ROWS, :, :, None].astype("uint8")
    labels = digits.target[:ROWS].astype("int64")
    sources: list[tuple[DataSchema, Any, np.ndarray]] = [(digits_schema(), images, labels)]
    for task in ("classification", "regression"):
        sources.append((table_schema(task), *table_rows(task)))
    for template in CATALOG.values():
        for schema, inputs, targets in sources:
            if template.refuses(schema):
                continue
            name = f"{template.slug}, {schema.kind}, {schema.task}"
            builder = Builder(template.source({}, schema))
            train = Rows(inputs, targets, np.arange(TRAINED))
            validation = Rows(inputs, targets, np.arange(TRAINED, ROWS))

            def build(seed: int, builder: Builder = builder, train: Rows = train) -> Any:
                return builder.build(seed, train)

            yield Case(
                name,
                build,
                Arrays(*train.take(np.s_[:])),
                Arrays(*validation.take(np.s_[:])),
            )


def own_cases() -> Iterator[Case]:
    """What templates do not use, or not all at once."""
    digits = load_digits()
    x = (digits.data[:ROWS] / 16).astype("float32")
    y = digits.target[:ROWS].astype("int64")
    rng = np.random.default_rng(1)
    weights = rng.uniform(0.2, 2.0, ROWS).astype("float32")
    train, validation = np.s_[:TRAINED], np.s_[TRAINED:]
    dense = _build(lambda: classifier([]))

    yield Case(
        "sample weights",
        dense,
        Arrays(x[train], y[train], weights[train]),
        Arrays(x[validation], y[validation], weights[validation]),
    )
    balanced = balanced_weights(y[train])
    yield Case(
        "class weights",
        dense,
        Arrays(x[train], y[train], balanced),
        Arrays(x[validation], y[validation]),
    )
    normalized = [keras.layers.BatchNormalization, lambda: keras.layers.Dropout(0.3)]
    yield Case(
        "batch-norm and dropout",
        _build(lambda: classifier([make() for make in normalized])),
        Arrays(x[train], y[train]),
        Arrays(x[validation], y[validation]),
    )
    binary = (y % 2).astype("int64")[:, None]
    yield Case(
        "AUC and weighted metrics",
        _build(with_auc),
        Arrays(x[train], binary[train], weights[train]),
        Arrays(x[validation], binary[validation], weights[validation]),
    )
    targets = {"digit": y, "sum": x.sum(1)}
    yield Case(
        "several inputs and outputs",
        _build(two_headed),
        Arrays(_cut({"left": x[:, :32], "right": x[:, 32:]}, train), _cut(targets, train)),
        Arrays(
            _cut({"left": x[:, :32], "right": x[:, 32:]}, validation), _cut(targets, validation)
        ),
    )
    tokens = digits.data[:ROWS].astype("int64")
    yield Case(
        "masks",
        _build(recurrent),
        Arrays(tokens[train], y[train]),
        Arrays(tokens[validation], y[validation]),
    )
    yield Case(
        "a step of its own in a subclass, built at first use",
        _build(subclassed),
        Arrays(x[train], y[train]),
        Arrays(x[validation], y[validation]),
    )


def _build(make: Callable[[], Any]) -> Build:
    def build(seed: int) -> Any:
        keras.utils.set_random_seed(seed)
        return make()

    return build


def _cut(arrays: dict[str, np.ndarray], rows: slice) -> dict[str, np.ndarray]:
    return {name: array[rows] for name, array in arrays.items()}


def main() -> None:
    """Run every case and print."""
    cases = {}
    for case in itertools.chain(template_cases(), own_cases()):
        cases[case.name] = {"difference": difference(case)}
        print(case.name, cases[case.name]["difference"], file=sys.stderr)  # noqa: T201
    sys.stdout.write(json.dumps({"cases": cases}) + "\n")


if __name__ == "__main__":
    main()
