"""Facts of a split: sizes, class shares or target quartiles of each set, warnings."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from experiments.evaluation.splits import Rows, Split

Values = npt.NDArray[Any]
Range = tuple[float, float]
MOST_CLASSES = 12
USES = ("training", "validation", "locked test")


@dataclass(frozen=True, slots=True)
class ClassShares:
    """The share of one class, 0 to 1: lowest and highest over the parts; test: None without one."""

    name: str
    training: Range
    validation: Range
    test: Range | None


@dataclass(frozen=True, slots=True)
class TargetSpread:
    """A regression's targets in the rows of one use, those of all parts together."""

    use: str
    mean: float
    quartiles: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class SplitFacts:
    """Facts of a split, stored with the experiment.

    parts: training and validation rows of each fold. test: locked rows, including the dataset's
    own test set. classes: the most frequent ones; `more_classes` are left out. targets: of a
    regression.
    """

    parts: tuple[tuple[int, int], ...]
    test: int
    classes: tuple[ClassShares, ...] = ()
    more_classes: int = 0
    targets: tuple[TargetSpread, ...] = ()
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As JSON; `from_dict` is its inverse."""
        return asdict(self)

    @classmethod
    def from_dict(cls, source: dict[str, Any]) -> "SplitFacts":
        """From what `to_dict` gave."""
        return msgspec.convert(source, cls)


def class_shares(
    labels: Rows, split: Split, names: Sequence[str], test_labels: Rows
) -> list[ClassShares]:
    """Of every class, the most frequent first. test_labels: of all locked rows."""
    training = np.array([_shares(labels[train], len(names)) for train, _ in split.parts])
    validation = np.array([_shares(labels[rows], len(names)) for _, rows in split.parts])
    test = np.array([_shares(test_labels, len(names))]) if len(test_labels) else None
    order = np.argsort(-np.bincount(labels, minlength=len(names)), kind="stable")
    return [
        ClassShares(
            name=names[label],
            training=_range(training[:, label]),
            validation=_range(validation[:, label]),
            test=None if test is None else _range(test[:, label]),
        )
        for label in order
    ]


def target_spreads(values: Values, split: Split, test_values: Values) -> list[TargetSpread]:
    """Mean and quartiles of the targets in the rows of each use. test_values: of all locked rows."""
    training = np.concatenate([values[train] for train, _ in split.parts])
    validation = np.concatenate([values[rows] for _, rows in split.parts])
    return [
        TargetSpread(use, float(np.mean(found)), _quartiles(found))
        for use, found in zip(USES, (training, validation, test_values), strict=True)
        if len(found)
    ]


def _shares(labels: Rows, classes: int) -> npt.NDArray[np.float64]:
    return np.bincount(labels, minlength=classes) / max(1, len(labels))


def _range(shares: npt.NDArray[np.float64]) -> Range:
    return float(shares.min()), float(shares.max())


def _quartiles(values: Values) -> tuple[float, float, float]:
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
    return float(low), float(middle), float(high)
