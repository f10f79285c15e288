"""Offline `keras.datasets`, and an undefined `load_data()`.

The arrays are the site's own, mapped from the disk, in the order of its rows, so
that a split of the site's says which rows of a script's arrays train; locked rows aren't among them. Where
code is only read there are none: zeros of the right shapes stand in.
"""

import importlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from experiments.catalog.shipped_data import SHAPES
from experiments.data_schema import DataSchema
from experiments.training.child.failures import ModelProblem
from experiments.training.code_messages import NamedData

MADE_UP_ROWS = 100  # of data that is chosen later
OUT_OF_VOCABULARY = 2
ELSEWHERE = ("boston_housing", "california_housing")  # tables, which this site splits by itself
Pair = tuple[np.ndarray, np.ndarray]


@dataclass(slots=True)
class DataSets:
    """Arrays by the names of `keras.datasets`. chosen: the data of the form, where there is some.

    used: what was asked for, by name; `load_data` for the chosen data. made_up: stand-ins are enough.
    """

    named: dict[str, NamedData] = field(default_factory=dict)
    chosen: str = ""
    made_up: bool = False
    classes: int = 10
    shape: tuple[int, ...] = (28, 28, 1)
    used: list[str] = field(default_factory=list)

    def install(self) -> None:
        """Let every `load_data` of Keras's ask here."""
        for place in ("keras.datasets", "keras._tf_keras.keras.datasets"):
            for name in SHAPES:
                module = importlib.import_module(f"{place}.{name}")
                module.load_data = self._loader(name)  # type: ignore[attr-defined]
            for name in ELSEWHERE:
                module = importlib.import_module(f"{place}.{name}")
                module.load_data = _refusal(name)  # type: ignore[attr-defined]

    def chosen_data(self) -> tuple[Pair, Pair]:
        """The data that the form chose: numbers from 0 to 1 where they are pictures. No test rows: those are locked."""
        self.used.append("load_data")
        if self.made_up or not self.chosen:
            x = np.zeros((MADE_UP_ROWS, *self.shape), "float32")
            y = np.arange(MADE_UP_ROWS) % max(self.classes, 2)
        else:
            folder = Path(self.chosen)
            schema = DataSchema.from_dict(json.loads((folder / "schema.json").read_text()))
            if schema.kind == "table" or schema.more_targets:
                raise ModelProblem(
                    "load_data() supports images, texts and arrays with one target. "
                    "This data is a table: write `build(hp)` only, which gets a dict "
                    "of numbers and categories."
                )
            x, y = _pair(folder)
            x = x.astype("float32") / schema.scale if schema.kind == "image" else x
        return (x, y), (x[:0], y[:0])

    def _loader(self, name: str) -> Any:
        def load_data(*args: Any, **options: Any) -> tuple[Pair, Pair]:
            self.used.append(name)
            (train, tested), dtype = SHAPES[name], "uint8"
            if self.made_up:
                return _zeros(name, train, dtype), _zeros(name, tested, dtype)
            found = self.named.get(name)
            if found is None:
                raise ModelProblem(
                    f"The code loads keras.datasets.{name}, which isn't prepared on "
                    "this site. Add it on the Data page of the project."
                )
            x, y = _pair(Path(found.training))
            test = _pair(Path(found.test)) if found.test else (x[:0], y[:0])
            return _as_keras(name, (x, y), options), _as_keras(name, test, options)

        return load_data


def _refusal(name: str) -> Any:
    def load_data(*args: Any, **options: Any) -> Any:
        raise ModelProblem(
            f"keras.datasets.{name} needs a download, but the sandbox has no network. "
            "Upload the table on the Data page, and write `build(hp)` only."
        )

    return load_data


def _pair(folder: Path) -> Pair:
    return np.load(folder / "x.npy"), np.load(folder / "y.npy")


def _as_keras(name: str, pair: Pair, options: dict[str, Any]) -> Pair:
    """Give arrays the shapes that Keras's own loaders give."""
    x, y = pair
    if name in ("mnist", "fashion_mnist"):
        return x.reshape(x.shape[:3]), y.astype("uint8")
    if name.startswith("cifar"):
        return x, y.astype("int64").reshape(-1, 1)
    if name in ("imdb", "reuters"):
        most = options.get("num_words")
        rows = np.empty(len(x), dtype=object)
        for place, row in enumerate(x):
            words = row[row > 0].tolist()
            rows[place] = [w if most is None or w < most else OUT_OF_VOCABULARY for w in words]
        return rows, y
    return x, y


def _zeros(name: str, shape: tuple[int, ...], dtype: str) -> Pair:
    if len(shape) == 1:
        rows = np.empty(shape[0], dtype=object)
        rows[:] = [[1, 2, 3]] * shape[0]
        return rows, np.arange(shape[0]) % 2
    labels = np.arange(shape[0]) % 10
    if name.startswith("cifar"):
        return np.zeros(shape, dtype), labels.reshape(-1, 1)
    return np.zeros(shape, dtype), labels.astype(dtype)
