"""The report of a search before its import."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, Final, Self

import msgspec

from experiments.interop.imported_search import ImportedSearch, ImportedTrial, strict

SHOWN: Final = 20  # trials, and words for how they ended
LISTED: Final = 50  # of what is left out, and of notes


@dataclass(frozen=True, slots=True)
class SeenTrial:
    """One trial, as `ImportedTrial` has it; values: as JSON."""

    key: str
    status: str
    state: str
    score: float | None
    values: Mapping[str, Any]

    @classmethod
    def of(cls, trial: ImportedTrial) -> Self:
        """What is shown of it."""
        return cls(trial.key, trial.status, trial.state, trial.score, strict(trial.values))


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """A search in short. count: of its trials. space: each name with the one that it depends on, or nothing.

    skipped: each name with why. shown: the first trials.
    """

    format: str
    name: str
    algorithm: str
    objective: str
    direction: str
    count: int
    statuses: Mapping[str, int]
    best: SeenTrial | None
    space: tuple[tuple[str, str], ...]
    skipped: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    shown: tuple[SeenTrial, ...]

    @classmethod
    def of(cls, search: ImportedSearch) -> Self:
        """Read it off a search."""
        best = search.best
        rows = search.space.hyperparameters
        return cls(
            format=search.format,
            name=search.name,
            algorithm=search.algorithm,
            objective=search.objective,
            direction=search.direction,
            count=len(search.trials),
            statuses=dict(Counter(search.statuses).most_common(SHOWN)),
            best=None if best is None else SeenTrial.of(best),
            space=tuple((row.name, row.only_if.name if row.only_if else "") for row in rows),
            skipped=tuple((each.name, each.why) for each in islice(search.skipped, LISTED)),
            notes=tuple(islice(search.notes, LISTED)),
            shown=tuple(SeenTrial.of(trial) for trial in islice(search.trials, SHOWN)),
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """The inverse of `to_dict`, also after JSON made lists of its tuples."""
        return msgspec.convert(source, cls)
