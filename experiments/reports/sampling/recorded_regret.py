"""Reports: how each strategy did on the recorded benchmark. Reads a file of the repository."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

import experiments.search

RECORD: Final = Path(experiments.search.__file__).parent / "recorded_regret.json"


@dataclass(frozen=True, slots=True)
class RegretCurve:
    """A strategy's regret after each of the record's numbers of trials; None: not measured there.

    0 is the best configuration of a table. low, high: between them lies the middle of the searches.
    """

    median: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class RecordedRegret:
    """The measurement. about: in words; trials: the numbers of trials at which it was measured; strategies by slug."""

    about: str
    trials: tuple[int, ...]
    tables: tuple[str, ...]
    strategies: dict[str, RegretCurve]

    @property
    def highest(self) -> float:
        """The largest regret at the last number of trials; what bars are drawn against."""
        return max((curve.median[-1] or 0.0 for curve in self.strategies.values()), default=0.0)


@cache
def recorded_regret(path: Path = RECORD) -> RecordedRegret | None:
    """What the recorded benchmark found; None where there is no record."""
    if not path.exists():
        return None
    return msgspec.json.decode(path.read_bytes(), type=RecordedRegret)
