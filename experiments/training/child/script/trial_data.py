"""A script's own arrays as the data of a trial.

Room: training child. Where they have the rows of the form's data, in its order, the site's split says which
of them train, as for every trial. A script that names its validation rows is taken at its word.
"""

import math
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from experiments.data_schema import DataSchema
from experiments.training.child.datasets import Data, Part, Rows
from experiments.training.child.failures import DataProblem, ModelProblem
from experiments.training.child.script.labels import Labels

NONE = np.zeros(0, dtype="int64")


class OwnData:
    """What a script or a `load_data` of the code's own gives. `words`: where the rows come from, for the log."""

    def __init__(self, data: Data, told: dict[str, Any], *, split: Path, share: float) -> None:
        """Read arrays out of `x`, `y`, `validation_data`. Raises: ModelProblem."""
        self.schema: DataSchema = data.schema
        self.x, self.labels = _pair(told.get("x"), told.get("y"), "", data.schema)
        self.own: tuple[Any, Labels] | None = None
        given = told.get("validation_data")
        if given is not None:
            xv, yv = (given, None) if _is_dataset(given) else _two(given)
            self.own = _pair(xv, yv, "validation_data: ", data.schema)
        self._split = np.load(split)
        self._share = share
        self.aligned = self.own is None and _length(self.x) == data.schema.rows
        self.words = self._words()

    def part(self, number: int) -> Part:
        """The rows of one part. Raises: DataProblem."""
        for name in (f"train_{number}", f"validation_{number}"):
            if name not in self._split:
                raise DataProblem(f"The split has no rows “{name}”.")
        train, validation = self._split[f"train_{number}"], self._split[f"validation_{number}"]
        y = self.labels.values
        if self.aligned:
            return Part(Rows(self.x, y, train), Rows(self.x, y, validation))
        every = np.arange(len(y))
        if not len(validation):
            return Part(Rows(self.x, y, every), Rows(self.x, y, NONE), keeps=False)
        if self.own is not None:
            xv, yv = self.own
            rows = np.arange(len(yv.values))
            return Part(Rows(self.x, y, every), Rows(xv, yv.values, rows), keeps=False)
        first = math.floor(len(y) * (1 - self._share))
        return Part(Rows(self.x, y, every[:first]), Rows(self.x, y, every[first:]), keeps=False)

    def _words(self) -> str:
        rows = len(self.labels.values)
        if self.aligned:
            return f"Data: the code's own {rows:,} rows, split as the experiment says."
        if self.own is not None:
            held = len(self.own[1].values)
            return f"Data: the code's own, {rows:,} rows to train on and {held:,} to validate on."
        return (
            f"Data: the code's own {rows:,} rows. They aren't the {self.schema.rows:,} rows of the form's "
            f"data, so the last {self._share:.0%} validate, as in Keras's validation_split."
        )


def _pair(x: Any, y: Any, place: str, schema: DataSchema) -> tuple[Any, Labels]:
    if _is_dataset(x):
        x, y = _unrolled(x, place)
    if y is None:
        raise ModelProblem(
            f"{place}There are no labels. Give arrays x and y, or a tf.data.Dataset of pairs."
        )
    inputs = _arrays(x, f"{place}x")
    labels = Labels.of(_arrays(y, f"{place}y"), classes=schema.classes_count)
    if _length(inputs) != len(labels.values):
        raise ModelProblem(
            f"{place}x has {_length(inputs):,} rows and y has {len(labels.values):,}. They have to be as many."
        )
    if not len(labels.values):
        raise ModelProblem(f"{place}There are no rows.")
    return inputs, labels


def _arrays(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return {key: _arrays(each, f"{name}[{key!r}]") for key, each in value.items()}
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ModelProblem(_ragged(name)) from error
    if array.dtype == object:
        raise ModelProblem(_ragged(name))
    if array.dtype.kind not in "biuf":
        raise ModelProblem(f"{name} holds {array.dtype}, not numbers. Turn it into numbers first.")
    if not array.ndim:
        raise ModelProblem(f"{name} is {type(value).__name__}, not an array of rows.")
    return array.astype("float32") if array.dtype == "float64" else array


def _ragged(name: str) -> str:
    return (
        f"{name} is ragged: its rows differ in length. Make them equal, as "
        "keras.utils.pad_sequences does."
    )


def _two(given: Any) -> tuple[Any, Any]:
    if isinstance(given, list | tuple) and len(given) >= 2:
        return given[0], given[1]
    raise ModelProblem("validation_data has to be (x, y), or a tf.data.Dataset of pairs.")


def _is_dataset(value: Any) -> bool:
    return isinstance(value, tf.data.Dataset)


def _unrolled(rows: Any, place: str) -> tuple[Any, Any]:
    if int(rows.cardinality()) == tf.data.INFINITE_CARDINALITY:
        raise ModelProblem(f"{place}The tf.data.Dataset never ends. Leave out repeat().")
    batches = [keras.tree.map_structure(np.asarray, batch) for batch in rows]
    if not batches or not isinstance(batches[0], tuple):
        raise ModelProblem(f"{place}The tf.data.Dataset has to give pairs (x, y).")
    is_batched = np.ndim(keras.tree.flatten(batches[0][1])[0]) > 0
    join = np.concatenate if is_batched else np.stack
    parts = zip(*batches, strict=True)
    x, y = (keras.tree.map_structure(lambda *each: join(each), *part) for part in list(parts)[:2])
    return x, y


def _length(inputs: Any) -> int:
    return len(keras.tree.flatten(inputs)[0])
