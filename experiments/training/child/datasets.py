"""A dataset version's rows as memory-mapped arrays, indexed by the split."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import keras
import numpy as np

from experiments.data_schema import DataSchema, SchemaError, target_file
from experiments.training.child.failures import DataProblem
from experiments.training.messages import DataOrder

Inputs = np.ndarray | dict[str, np.ndarray]
Targets = np.ndarray | dict[str, np.ndarray]  # by key where there are several
Pack = Literal["arrays", "tf.data.Dataset", "PyDataset", "generator"]
ROW_NUMBERS = "rows.npy"  # beside arrays that lack locked rows
INPUT_FILES = {
    "image": ("x",),
    "array": ("x",),
    "text": ("x",),
    "table": ("numbers", "categories"),
}


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of the data: `inputs` and `targets` are whole arrays, `index` says which rows.

    numbers: of the arrays' rows in the dataset version; None where they are all of it.
    """

    inputs: Inputs
    targets: Targets
    index: np.ndarray
    numbers: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.index)

    @property
    def nbytes(self) -> int:
        arrays = [*_arrays(self.inputs), *_arrays(self.targets)]
        return sum(a.dtype.itemsize * int(np.prod(a.shape[1:])) for a in arrays) * len(self)

    @property
    def row_numbers(self) -> np.ndarray:
        """The rows' numbers in the dataset version."""
        return self.index if self.numbers is None else self.numbers[self.index]

    @property
    def main(self) -> str:
        """The key of the main one of several targets; empty where there is one."""
        return next(iter(self.targets)) if isinstance(self.targets, dict) else ""

    @property
    def labels(self) -> np.ndarray:
        """The main targets of these rows, copied."""
        labels: np.ndarray = _arrays(self.targets)[0][self.index]
        return labels

    @property
    def classes(self) -> np.ndarray:
        """The main targets of these rows; of one-hot rows the class numbers."""
        return class_numbers(self.labels)

    def take(self, rows: np.ndarray | slice) -> tuple[Inputs, Targets]:
        """Return inputs and targets of the rows at these positions of `index`, copied."""
        index = self.index[rows]
        return _at(self.inputs, index), _at(self.targets, index)


@dataclass(frozen=True, slots=True)
class Part:
    """Training and validation rows of one execution; a refit has no validation rows.

    keeps: whether predictions of the validation rows are stored: not of rows that only code has.
    pack: how custom training gets the rows. units: (validation rows,) what belongs together among them;
    None: each row stands for itself.
    """

    train: Rows
    validation: Rows
    keeps: bool = True
    pack: Pack = "arrays"
    units: np.ndarray | None = None


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Rows as batches; `orders` gives the order of each epoch, None keeps that of the split."""

    def __init__(
        self,
        rows: Rows,
        batch_size: int,
        *,
        weights: np.ndarray | None = None,
        orders: Iterator[np.ndarray] | None = None,
    ) -> None:
        super().__init__()
        self._rows = rows
        self._batch_size = batch_size
        self._weights = weights
        self._orders = orders
        self._order = np.arange(len(rows))

    def __len__(self) -> int:
        return math.ceil(len(self._rows) / self._batch_size)

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        chosen = self._order[index * self._batch_size : (index + 1) * self._batch_size]
        batch = self._rows.take(chosen)
        return batch if self._weights is None else (*batch, self._weights[chosen])

    def on_epoch_begin(self) -> None:
        """Shuffle here: Keras reports an end of epoch before the first."""
        if self._orders is not None:
            self._order = next(self._orders)


class Data:
    """The open arrays of an order with their split.

    count: their rows; numbers: those rows' numbers in the dataset version, ascending, as the split
    names them; None where the arrays are all of it.
    """

    def __init__(self, order: DataOrder) -> None:
        """Map the arrays. Raises: DataProblem."""
        folder = Path(order.directory)
        try:
            document = json.loads((folder / "schema.json").read_text())
            self.schema = DataSchema.from_dict(document)
            self._targets = load_targets(folder, self.schema)
            self._inputs = load_inputs(folder, self.schema)
            self._split = np.load(order.split)
            self._units = np.load(order.units, mmap_mode="r") if order.units else None
            self.count = len(_arrays(self._targets)[0])
            file = folder / ROW_NUMBERS
            self.numbers = np.load(file, mmap_mode="r") if file.exists() else None
        except (OSError, ValueError, SchemaError) as error:
            raise DataProblem(f"The dataset can't be read: {error}") from error

    @property
    def targets(self) -> Targets:
        """All targets, mapped."""
        return self._targets

    def part(self, number: int) -> Part:
        """Return the rows of one part. Raises: DataProblem."""
        train = self._rows("train", number)
        if not len(train):
            raise DataProblem(f"Fold {number} of the split has no training rows.")
        validation = self._rows("validation", number)
        return Part(train, validation, units=self.units_of(validation))

    def units_of(self, rows: Rows) -> np.ndarray | None:
        """What belongs together among rows of the dataset, (rows,); None: each stands for itself."""
        return None if self._units is None else np.asarray(self._units[rows.row_numbers])

    def index(self, use: Literal["train", "validation"], number: int) -> np.ndarray:
        """Where the arrays have the rows of this use in a part. Raises: DataProblem."""
        name = f"{use}_{number}"
        if name not in self._split:
            raise DataProblem(f"The split has no rows “{name}”.")
        found: np.ndarray = self._split[name]
        if self.numbers is not None:
            wanted, found = found, np.searchsorted(self.numbers, found)
        outside = len(found) and (found.min() < 0 or found.max() >= self.count)
        if outside or (self.numbers is not None and (self.numbers[found] != wanted).any()):
            raise DataProblem(f"The split “{name}” contains row numbers outside the data.")
        return found

    def _rows(self, use: Literal["train", "validation"], number: int) -> Rows:
        return Rows(self._inputs, self._targets, self.index(use, number), self.numbers)


def balanced_weights(targets: Targets) -> np.ndarray:
    """Return a weight for each row, so that every class weighs the same; the mean is 1.

    Raises: DataProblem when the targets are no classes, or several.
    """
    if isinstance(targets, dict):
        raise DataProblem("Class weights work with one target only; this data has several.")
    targets = class_numbers(targets)
    if targets.dtype.kind not in "iu":
        raise DataProblem("Class weights need classes, but the target is a number.")
    classes, inverse, counts = np.unique(targets, return_inverse=True, return_counts=True)
    weights = len(targets) / (len(classes) * counts)
    return np.asarray(weights[inverse], dtype="float32")


def class_numbers(labels: np.ndarray) -> np.ndarray:
    """Labels of shape (n,) as they are; one-hot rows, shape (n, classes), as class numbers."""
    numbers: np.ndarray = labels.argmax(axis=1) if labels.ndim == 2 else labels
    return numbers


def load_targets(folder: Path, schema: DataSchema) -> Targets:
    """Map the targets: one array, or one for each of several targets by its key."""
    arrays = [
        np.load(folder / f"{target_file(position)}.npy", mmap_mode="r")
        for position in range(len(schema.targets))
    ]
    return dict(zip(schema.keys, arrays, strict=True)) if schema.more_targets else arrays[0]


def load_inputs(folder: Path, schema: DataSchema) -> Inputs:
    """Map the inputs of a dataset version, or of its own test set."""
    names = INPUT_FILES[schema.kind]
    if schema.kind != "table":
        array: np.ndarray = np.load(folder / f"{names[0]}.npy", mmap_mode="r")
        return array
    present = (bool(schema.numbers), bool(schema.categories))
    return {
        name: np.load(folder / f"{name}.npy", mmap_mode="r")
        for name, has_columns in zip(names, present, strict=True)
        if has_columns
    }


def _arrays(inputs: Any) -> list[np.ndarray]:
    return list(inputs.values()) if isinstance(inputs, dict) else [inputs]


def _at(arrays: Any, index: np.ndarray) -> Any:
    """Return these rows of an array, or of every array of a dict."""
    if isinstance(arrays, dict):
        return {name: array[index] for name, array in arrays.items()}
    return arrays[index]
