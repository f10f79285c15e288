"""Facts of a split: sizes, class balance, warnings."""

from dataclasses import asdict, dataclass
from typing import Any

from experiments.evaluation.target_balance import ClassShares, TargetSpread


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
        return cls(
            parts=tuple(tuple(part) for part in source["parts"]),
            test=source["test"],
            classes=tuple(
                ClassShares(
                    name=one["name"],
                    training=tuple(one["training"]),
                    validation=tuple(one["validation"]),
                    test=tuple(one["test"]) if one["test"] else None,
                )
                for one in source["classes"]
            ),
            more_classes=source["more_classes"],
            targets=tuple(
                TargetSpread(one["use"], one["mean"], tuple(one["quartiles"]))
                for one in source["targets"]
            ),
            warnings=tuple(source["warnings"]),
        )
