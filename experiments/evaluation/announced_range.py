"""The range that a test score is expected in, announced before the locked rows are scored."""

import math
from dataclasses import asdict, dataclass
from typing import Any

import msgspec


@dataclass(frozen=True, slots=True)
class AnnouncedRange:
    """Where the score on `rows` test rows will lie in 95 of 100 cases.

    metric: exact, without `val_`. expected: the score expected on new rows.
    """

    metric: str
    expected: float
    low: float
    high: float
    rows: int

    def holds(self, score: float) -> bool:
        """Whether the score lies in the range."""
        return self.low <= score <= self.high

    def to_dict(self) -> dict[str, Any]:
        """As JSON; `from_dict` is its inverse."""
        return asdict(self)

    @classmethod
    def from_dict(cls, source: dict[str, Any]) -> "AnnouncedRange | None":
        """From what `to_dict` gave; None where nothing was announced."""
        return msgspec.convert(source, cls) if source else None


def announce(
    metric: str,
    expected: float,
    interval: tuple[float, float],
    *,
    validated: int,
    rows: int,
    is_share: bool,
) -> AnnouncedRange:
    """Widen the interval of an expected score by the sampling error of the test rows.

    interval: 95 %, from `validated` rows. The variance of a mean falls with its rows, so that of the
    difference between a score on `rows` others and the expected one is 1 + validated / rows times the
    variance behind the interval: a prediction interval.
    """
    wider = math.sqrt(1 + validated / rows)
    low, high = (expected + wider * (bound - expected) for bound in interval)
    if is_share:
        low, high = max(0.0, low), min(1.0, high)
    return AnnouncedRange(metric, expected, low, high, rows)
