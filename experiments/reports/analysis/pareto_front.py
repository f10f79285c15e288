"""Reports: the Pareto front of a search with several objectives, and its knee. Imports models.

Every completed trial is read; the spread over executions is read for the rows that are shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import stdev
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from experiments.evaluation.model_costs import COSTS, exact_name
from experiments.evaluation.pareto import knee, non_dominated
from experiments.models import Execution, Experiment, Trial
from experiments.number_words import figures, thousands
from experiments.reports.figures import finite
from experiments.search.history import Objective

SHOWN: Final = 50
SHOWN_LEFT_OUT: Final = 10
COUNTS: Final = frozenset({"parameters", "model_bytes"})
Values = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class FrontRow:
    """A trial that no other beats in every objective. words: its values as they are read.

    spreads: standard deviations over its executions.
    """

    number: int
    values: Values
    words: tuple[str, ...]
    spreads: tuple[float | None, ...]
    is_knee: bool
    is_best: bool

    @property
    def cells(self) -> tuple[tuple[float, str, float | None], ...]:
        """Each objective's value, that in words, and its spread."""
        return tuple(zip(self.values, self.words, self.spreads, strict=True))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A completed trial that can't be compared: an objective has no number."""

    number: int
    why: str


@dataclass(frozen=True, slots=True)
class Front:
    """objectives: the main one first. points: values of every trial that was compared, by number.

    members: numbers on the front, the best of the main objective first; rows: the first of them.
    knee: number of the trial at the bend, None where there is none. newest: the last member found.
    """

    objectives: tuple[Objective, ...]
    points: Mapping[int, Values]
    members: tuple[int, ...]
    knee: int | None
    rows: tuple[FrontRow, ...]
    left_out: tuple[LeftOut, ...] = ()
    left_out_count: int = 0
    labels: tuple[str, ...] = field(default=())

    @property
    def newest(self) -> int | None:
        """The member with the highest number: no later trial came onto the front."""
        return max(self.members, default=None)

    def to_dict(self) -> dict[str, Any]:
        return {
            "objectives": [
                {"name": each.name, "label": label, "direction": each.direction}
                for each, label in zip(self.objectives, self.labels, strict=True)
            ],
            "trials": [
                {"number": number, "values": [finite(value, 9) for value in values]}
                for number, values in self.points.items()
            ],
            "front": list(self.members),
            "knee": self.knee,
        }


def front(experiment: Experiment) -> Front | None:
    """The front as it stands; None where the search has one objective. Three queries at most."""
    if not experiment.further:
        return None
    objectives = (Objective(experiment.objective, experiment.direction), *experiment.further)  # type: ignore[arg-type]
    counted = experiment.trials.filter(state=Trial.State.COMPLETED, set_aside="")
    completed = counted.order_by("number")
    measured = {
        number: _values(objectives, score, metrics)
        for number, score, metrics in completed.values_list("number", "score", "metrics")
    }
    points = {
        number: values
        for number, found in measured.items()
        if len(values := tuple(v for v in found if v is not None)) == len(objectives)
    }
    members, bend = _members(list(points), losses_of(list(points.values()), objectives))
    left_out = [number for number in measured if number not in points]
    best = experiment.best_trial.number if experiment.best_trial else None
    spreads = _spreads(experiment, objectives, members[:SHOWN])
    none = (None,) * len(objectives)
    return Front(
        objectives=objectives,
        labels=tuple(label_of(each.name) for each in objectives),
        points=points,
        members=members,
        knee=bend,
        rows=tuple(
            FrontRow(
                n,
                points[n],
                _words(objectives, points[n]),
                spreads.get(n, none),
                is_knee=n == bend,
                is_best=n == best,
            )
            for n in members[:SHOWN]
        ),
        left_out=tuple(_left_out(experiment, objectives, measured, left_out[:SHOWN_LEFT_OUT])),
        left_out_count=len(left_out),
    )


def _words(objectives: Sequence[Objective], values: Values) -> tuple[str, ...]:
    """Counts with separators, scores and costs with their zeros: columns align."""
    return tuple(
        thousands(value) if each.name in COUNTS else figures(value)
        for each, value in zip(objectives, values, strict=True)
    )


def label_of(name: str) -> str:
    """How heads and axes call an objective."""
    return COSTS[name].label if name in COSTS else name


def losses_of(
    values: Sequence[Values], objectives: Sequence[Objective]
) -> npt.NDArray[np.float64]:
    """Shape (n, k), lower is better in every column."""
    signs = [1.0 if each.direction == "minimize" else -1.0 for each in objectives]
    return np.array(values, dtype=np.float64).reshape(-1, len(objectives)) * signs


def _members(
    numbers: list[int], loss: npt.NDArray[np.float64]
) -> tuple[tuple[int, ...], int | None]:
    """Numbers on the front, the best of the first objective first, and the one at its knee."""
    places = np.flatnonzero(non_dominated(loss))
    places = places[np.lexsort(loss[places].T[::-1])]
    bend = knee(loss[places])
    members = tuple(numbers[place] for place in places)
    return members, None if bend is None else members[bend]


def _values(
    objectives: Sequence[Objective], score: float | None, metrics: Mapping[str, Any]
) -> tuple[float | None, ...]:
    return (finite(score), *(finite(metrics.get(each.name)) for each in objectives[1:]))


def _spreads(
    experiment: Experiment, objectives: Sequence[Objective], numbers: Sequence[int]
) -> dict[int, tuple[float | None, ...]]:
    rows = Execution.objects.filter(trial__experiment=experiment, trial__number__in=numbers)
    each: dict[int, list[tuple[float | None, ...]]] = {}
    for number, score, metrics in rows.values_list("trial__number", "score", "metrics"):
        each.setdefault(number, []).append(_values(objectives, score, metrics))
    return {
        number: tuple(_spread(column) for column in zip(*found, strict=True))
        for number, found in each.items()
        if len(found) > 1
    }


def _spread(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return stdev(known) if len(known) == len(values) else None


def _left_out(
    experiment: Experiment,
    objectives: Sequence[Objective],
    measured: Mapping[int, tuple[float | None, ...]],
    numbers: Sequence[int],
) -> Iterator[LeftOut]:
    """Why these trials are on no front; of an exact metric in the words that are kept with it."""
    missing = _missing(experiment, numbers) if numbers else {}
    for number in numbers:
        words = missing.get(number, {})
        why = [
            _no_number(each.name, words.get(exact_name(each.name)) or words.get("*", ""))
            for each, value in zip(objectives, measured[number], strict=True)
            if value is None
        ]
        yield LeftOut(number, f"{'; '.join(why)}.")


def _missing(experiment: Experiment, numbers: Sequence[int]) -> dict[int, dict[str, str]]:
    """Why exact metrics of these trials have no value, by trial and metric."""
    found: dict[int, dict[str, str]] = {}
    rows = Execution.objects.filter(trial__experiment=experiment, trial__number__in=numbers)
    for number, exact in rows.values_list("trial__number", "exact"):
        found.setdefault(number, {}).update(exact.get("missing", {}))
    return found


def _no_number(name: str, why: str) -> str:
    reason = f" ({why.rstrip('.')})" if why and exact_name(name) else ""
    return f"{label_of(name)} has no value{reason}"
