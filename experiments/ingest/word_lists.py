"""Reads IMDB and Reuters as lists of word numbers.

Numbers mean what they mean in `keras.datasets`: 0 fills up, 1 begins a text, 2 stands for every
rarer word, and word n of the index, counted by frequency, is n + 3. The order of the rows and the
Reuters test part are those of Keras's `load_data()`, made by its seed.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.ingest.errors import DataRefused
from experiments.ingest.safe_pickle import read_object_npz

KERAS_SEED = 113
REUTERS_TEST = 0.2
START, OTHER, FIRST = 1, 2, 3
SIGNS = {0: "", START: "", OTHER: "[…]"}
Labels = NDArray[np.int64]
Sequences = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Shape:
    """vocabulary: word numbers lie below it. length: words of a text that are kept, its last ones."""

    vocabulary: int
    length: int


def read_imdb(
    path: Path, shape: Shape
) -> tuple[tuple[Sequences, Labels], tuple[Sequences, Labels]]:
    """Training and test part, 25,000 reviews each."""
    arrays = _arrays(path, ("x_train", "y_train", "x_test", "y_test"))
    training = _shuffled(arrays["x_train"], arrays["y_train"])
    test = _shuffled(arrays["x_test"], arrays["y_test"])
    return _part(*training, shape), _part(*test, shape)


def read_reuters(
    path: Path, shape: Shape
) -> tuple[tuple[Sequences, Labels], tuple[Sequences, Labels]]:
    """Training and test part: the last fifth of the shuffled newswires is the test part."""
    arrays = _arrays(path, ("x", "y"))
    x, y = _shuffled(arrays["x"], arrays["y"])
    edge = int(len(x) * (1 - REUTERS_TEST))
    return _part(x[:edge], y[:edge], shape), _part(x[edge:], y[edge:], shape)


def read_word_index(path: Path, shape: Shape) -> list[str]:
    """The word of each number below the vocabulary's size. Raises DataRefused."""
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
        ranks = {int(rank) + FIRST: str(word) for word, rank in index.items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise DataRefused(f"{path.name} isn't a word index. Download it again.") from error
    return [SIGNS.get(number, ranks.get(number, "")) for number in range(shape.vocabulary)]


def padded(texts: Sequence[Sequence[int]], shape: Shape) -> Sequences:
    """Rows of one length: the last words of a longer text, zeros after a shorter one.

    The zeros come last, since recurrent layers on a GPU skip nothing else.
    """
    rows = np.zeros((len(texts), shape.length), dtype=np.int32)
    for row, text in zip(rows, texts, strict=True):
        numbers = np.asarray(text, dtype=np.int64).reshape(len(text)) + FIRST
        words = np.concatenate(([START], numbers))[-shape.length :]
        row[: len(words)] = np.where((words > 0) & (words < shape.vocabulary), words, OTHER)
    return rows


def _arrays(path: Path, names: tuple[str, ...]) -> dict[str, Any]:
    arrays = read_object_npz(path)
    absent = [name for name in names if name not in arrays]
    if absent:
        raise DataRefused(f"{path.name} lacks {', '.join(absent)}. Download it again.")
    return arrays


def _shuffled(x: NDArray[Any], y: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    if len(x) != len(y):
        raise DataRefused(f"{len(x):,} texts have {len(y):,} labels. Download the file again.")
    indices = np.arange(len(x))
    np.random.RandomState(KERAS_SEED).shuffle(indices)
    return x[indices], y[indices]


def _part(x: NDArray[Any], y: NDArray[Any], shape: Shape) -> tuple[Sequences, Labels]:
    try:
        return padded(list(x), shape), y.astype(np.int64)
    except (TypeError, ValueError, OverflowError) as error:
        raise DataRefused(
            "A text isn't a list of word numbers. Download the file again."
        ) from error
