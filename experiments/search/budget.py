"""Limits that end a search, and the number of parallel trials."""

from dataclasses import asdict, dataclass
from typing import Any, Final

from experiments.search.reading import Reader

MOST_TRIALS: Final = 100_000
MOST_SECONDS: Final = 366 * 24 * 3600
MOST_PARALLEL: Final = 64
MOST_EPOCHS: Final = 10**12


@dataclass(frozen=True, slots=True)
class Budget:
    """The search ends with whichever comes first; None = never for that reason.

    max_seconds: wall clock while it runs. max_epochs: over all executions. max_slot_seconds: slots
    times the time that they were taken. least_gain: the search ends when another 20 trials are
    expected to gain less. max_failures: failed trials in a row; max_failed_share: of the ended ones.
    """

    max_trials: int = 20
    max_seconds: int | None = None
    max_epochs: int | None = None
    max_slot_seconds: int | None = None
    target_score: float | None = None
    least_gain: float | None = None
    max_failures: int = 5
    max_failed_share: float | None = None
    parallel: int = 1

    def to_dict(self) -> dict[str, Any]:
        """As JSON; `read_budget` is its inverse."""
        return asdict(self)


def read_budget(reader: Reader) -> Budget:
    """Take a budget out of JSON, noting every problem at the reader."""
    budget = Budget(
        max_trials=reader.whole("max_trials", lowest=1, highest=MOST_TRIALS),
        max_seconds=reader.whole("max_seconds", lowest=1, highest=MOST_SECONDS, default=None),
        max_epochs=reader.whole("max_epochs", lowest=1, highest=MOST_EPOCHS, default=None),
        max_slot_seconds=reader.whole(
            "max_slot_seconds", lowest=1, highest=MOST_SECONDS * MOST_PARALLEL, default=None
        ),
        least_gain=reader.number("least_gain", lowest=0.0, highest=1e100, default=None),
        max_failed_share=reader.number("max_failed_share", lowest=0.0, highest=1.0, default=None),
        target_score=reader.number("target_score", lowest=-1e100, highest=1e100, default=None),
        max_failures=reader.whole("max_failures", lowest=1, highest=1000, default=5),
        parallel=reader.whole("parallel", lowest=1, highest=MOST_PARALLEL, default=1),
    )
    reader.refuse_others()
    return budget
