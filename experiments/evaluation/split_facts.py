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
USES = ("training", "validation", "whole dataset")


@dataclass(frozen=True, slots=True)
class ClassShares:
    """The share of one class, 0 to 1: lowest and highest over the parts.

    whole: of all rows, locked ones among them; those alone have no figure of their own. None in
    experiments older than it.
    """

    name: str
    training: Range
    validation: Range
    whole: Range | None = None


@dataclass(frozen=True, slots=True)
class TargetSpread:
    """A regression's targets in the rows of one use, those of all parts together; never the locked."""

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


def class_shares(labels: Rows, split: Split, names: Sequence[str]) -> list[ClassShares]:
    """Of every class, the most frequent first."""
    training = np.array([_shares(labels[train], len(names)) for train, _ in split.parts])
    validation = np.array([_shares(labels[rows], len(names)) for _, rows in split.parts])
    whole = _shares(labels, len(names))
    order = np.argsort(-whole, kind="stable")
    return [
        ClassShares(
            name=names[label],
            training=_range(training[:, label]),
            validation=_range(validation[:, label]),
            whole=_range(whole[[label]]),
        )
        for label in order
    ]


def target_spreads(values: Values, split: Split) -> list[TargetSpread]:
    """Mean and quartiles of the targets in the rows of each use, and in all rows."""
    training = np.concatenate([values[train] for train, _ in split.parts])
    validation = np.concatenate([values[rows] for _, rows in split.parts])
    return [
        TargetSpread(use, float(np.mean(found)), _quartiles(found))
        for use, found in zip(USES, (training, validation, values), strict=True)
        if len(found)
    ]


def _shares(labels: Rows, classes: int) -> npt.NDArray[np.float64]:
    return np.bincount(labels, minlength=classes) / max(1, len(labels))


def _range(shares: npt.NDArray[np.float64]) -> Range:
    return float(shares.min()), float(shares.max())


def _quartiles(values: Values) -> tuple[float, float, float]:
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
    return float(low), float(middle), float(high)
