"""A script's own arrays as the data of a trial.

Where they are the rows of the form's data, in its order, the experiment's split applies. Validation rows
that a script brings are used as they are.
"""

import math
from typing import Any

import keras
import numpy as np

from experiments.data_schema import DataSchema
from experiments.training.child.code_model import CodeModel
from experiments.training.child.datasets import Data, Part, Rows
from experiments.training.child.failures import ModelProblem
from experiments.training.child.script.batches import pack_of, unrolled
from experiments.training.child.script.labels import Labels
from experiments.training.code_messages import DataSeen
from experiments.training.messages import FitOrder

NO_LABELS = (
    "There are no labels. Pass arrays x and y, or batches of pairs; for autoencoders "
    "use fit(x, x)."
)
BY_NAME = 'Pass them by name: x={"left": …, "right": …}, matching keras.Input(…, name="left").'
NONE = np.zeros(0, dtype="int64")


class OwnData:
    """Data of a script, or of a custom `load_data`. `words`: the source of the rows, for the log."""

    def __init__(self, data: Data, arguments: dict[str, Any], *, share: float) -> None:
        """Read `x`, `y` and `validation_data` of a fit. Raises: ModelProblem.

        aligned: the rows are those of the form's data that aren't locked; answers: and have its kind
        of target.
        """
        self._data = data
        self.schema: DataSchema = data.schema
        self.pack = pack_of(arguments.get("x"))
        steps = arguments.get("steps_per_epoch")
        self.x, self.labels = _pair(arguments.get("x"), arguments.get("y"), "", data.schema, steps)
        self.own: tuple[Any, Labels] | None = None
        given = arguments.get("validation_data")
        if given is not None:
            xv, yv = (given, None) if pack_of(given) != "arrays" else _two(given)
            steps = arguments.get("validation_steps")
            self.own = _pair(xv, yv, "validation_data: ", data.schema, steps)
        self._share = share
        self._first = math.floor(len(self.labels.values) * (1 - share))
        self.aligned = self.own is None and _length(self.x) == data.count
        self.answers = self.aligned and _are_of(self.labels, data.schema)
        self.words = self._words()
        self.seen = self._seen()

    def part(self, number: int) -> Part:
        train, validation = (
            self._data.index("train", number), self._data.index("validation", number),
        )  # fmt: skip
        x, y = self.x, self.labels.values
        validation_x, validation_y, every = x, y, np.arange(len(y))
        if not self.aligned:
            if not len(validation):
                train, validation = every, NONE
            elif self.own is not None:
                validation_x, validation_y = self.own[0], self.own[1].values
                train, validation = every, np.arange(len(validation_y))
            else:
                train, validation = every[: self._first], every[self._first :]
        numbers = self._data.numbers if self.aligned else None
        rows = Rows(validation_x, validation_y, validation, numbers)
        units = self._data.units_of(rows) if self.aligned else None
        train_rows = Rows(x, y, train, numbers)
        return Part(train_rows, rows, keeps=self.answers, pack=self.pack, units=units)

    def model_check(self, schema: DataSchema, fit: FitOrder) -> CodeModel | None:
        """The check of models; None where the target isn't that of the form's data."""
        one_hot = self.labels.kind == "one_hot"
        return CodeModel(schema, fit, one_hot=one_hot) if self.answers else None

    def _seen(self) -> DataSeen:
        """What the code trains on. Rows are the form's where their number and every label are."""
        flat, labels = keras.tree.flatten(self.x), self.labels
        are_last = not self.aligned and self.own is None and len(self._data.index("validation", 0))
        return DataSeen(
            rows=len(labels.values),
            validation_rows=len(self.own[1].values) if self.own else 0,
            shape=[*map(int, flat[0].shape[1:])] if len(flat) == 1 else [],
            dtype=str(flat[0].dtype),
            target=_target_words(labels),
            is_form=self.answers and _are_equal(labels, self._data.targets),
            classes=_classes(labels),
            last_rows=len(labels.values) - self._first if are_last else 0,
        )

    def _words(self) -> str:
        if self.pack == "arrays":
            return self._source()
        once = f"{self.pack} was read once: random augmentation in it is the same in each epoch."
        return f"{self._source()} {once}"

    def _source(self) -> str:
        rows = len(self.labels.values)
        if self.aligned:
            return f"Data: {rows:,} rows of the code, split as the experiment defines."
        if self.own is not None:
            validation = len(self.own[1].values)
            return f"Data of the code: {rows:,} training rows, {validation:,} validation rows."
        return (
            f"Data: {rows:,} rows of the code. They aren't the {self._data.count:,} "
            f"rows of the form's dataset, so the last {self._share:.0%} are used for "
            "validation, as Keras's validation_split does."
        )


def _pair(x: Any, y: Any, place: str, schema: DataSchema, steps: int | None) -> tuple[Any, Labels]:
    if pack_of(x) != "arrays":
        x, y = unrolled(x, place, steps)
    if y is None:
        raise ModelProblem(f"{place}{NO_LABELS}")
    if isinstance(x, list | tuple) and len(x) != len(y) and all(_length(e) == len(y) for e in x):
        raise ModelProblem(f"{place}x is a list of {len(x)} inputs. {BY_NAME}")
    inputs = _arrays(x, f"{place}x")
    labels = Labels.of(_arrays(y, f"{place}y"), classes=schema.classes_count)
    if _length(inputs) != len(labels.values):
        raise ModelProblem(
            f"{place}x has {_length(inputs):,} rows, but y has {len(labels.values):,}. "
            "Both need the same number of rows."
        )
    if not len(labels.values):
        raise ModelProblem(f"{place}The data has no rows.")
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
    if array.dtype.kind in "US":
        raise ModelProblem(
            f"{name} contains text, not numbers. Convert it first: {name} = vectorize({name}), "
            "where vectorize is the TextVectorization layer, and start the model "
            "after it."
        )
    if array.dtype.kind not in "biuf":
        raise ModelProblem(f"{name} contains {array.dtype}, not numbers. Convert it first.")
    if not array.ndim:
        raise ModelProblem(f"{name} is {type(value).__name__}, not an array of rows.")
    return array.astype("float32") if array.dtype == "float64" else array


def _ragged(name: str) -> str:
    return (
        f"{name} is ragged: rows differ in length. Pad them, for example with "
        "keras.utils.pad_sequences."
    )


def _two(given: Any) -> tuple[Any, Any]:
    if isinstance(given, list | tuple) and len(given) >= 2:
        return given[0], given[1]
    raise ModelProblem(
        "validation_data must be (x, y), or a tf.data.Dataset or PyDataset of pairs."
    )


def _are_of(labels: Labels, schema: DataSchema) -> bool:
    """Whether the labels are of the kind of the form's target."""
    wanted = ("classes", "one_hot") if schema.classes_count else ("numbers",)
    return labels.kind in wanted and (labels.kind == "one_hot" or labels.values.ndim == 1)


def _are_equal(labels: Labels, targets: Any) -> bool:
    values = labels.values.argmax(axis=1) if labels.kind == "one_hot" else labels.values
    known = np.asarray(targets) if not isinstance(targets, dict) else values[:0]
    return values.shape == known.shape and np.allclose(values, known)


def _target_words(labels: Labels) -> str:
    values = labels.values
    if labels.kind == "numbers":
        count = int(np.prod(values.shape[1:]))
        return "a number" if count == 1 else f"{count:,} numbers"
    return f"{_classes(labels):,} classes"


def _classes(labels: Labels) -> int:
    if labels.kind == "numbers":
        return 0
    values = labels.values
    return values.shape[1] if labels.kind == "one_hot" else len(np.unique(values))


def _length(inputs: Any) -> int:
    return len(keras.tree.flatten(inputs)[0])
