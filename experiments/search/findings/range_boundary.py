"""Finding: the best trials lie at a boundary of a range, so the optimum may lie outside.

Two tests have to agree. That the end matters: trials of the end zone are more often among the top than
those of elsewhere (Fisher's exact test, one-sided; it takes into account how often the sampler
looked there). And that the optimum is not inside: most of the top lies in the outermost zone
(`CROWDED`), the best trial too.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import scipy

from experiments.search.findings.finding import (
    Action,
    Confidence,
    Evidence,
    Finding,
    plain,
    thinned,
)
from experiments.search.findings.search_state import SearchState
from experiments.search.findings.significance_levels import level
from experiments.search.findings.wider_ranges import Wider, on_log, wider
from experiments.search.space.encoding import is_categorical
from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.hyperparameters import Choice

KIND: Final = "edge"
ZONE: Final = 0.15  # of the range, in the units of its scale
FEWEST: Final = 25  # scored trials where it is active
FEWEST_VALUES: Final = 4  # of a range in steps: of fewer every value is an end
TOP: Final = 0.1  # share of the trials that is the top, within the limits below
LEAST_TOP, MOST_TOP = 6, 20
CROWDED: Final = 0.6  # share of the top in the zone

Side = Literal["low", "high"]
SIDES: Final[tuple[Side, ...]] = ("low", "high")


@dataclass(frozen=True, slots=True)
class _Crowd:
    """inside: shape (n,), which trials lie in the zone. top: places of the top, best first."""

    inside: npt.NDArray[np.bool_]
    top: npt.NDArray[np.intp]
    places: npt.NDArray[np.intp]
    chance: float

    @property
    def crowded(self) -> int:
        """How many of the top lie in the zone."""
        return int(self.inside[self.top].sum())


def find(look: SearchState) -> list[Finding]:
    """One for each end of a hyperparameter that the best trials crowd at."""
    rows = [
        (column, row)
        for column, row in enumerate(look.space.searched)
        if not is_categorical(row) and (row.count() or math.inf) >= FEWEST_VALUES
    ]
    found = []
    for column, row in rows:
        for side in SIDES:
            subject = f"{row.name}.{side}"
            limit = level(2 * len(rows), stands=look.stands(KIND, subject))
            crowd = _crowd(look, column, row, side)
            if crowd is None or crowd.chance > limit:
                continue
            there = wider(row, side, look.refuses.get(row.name))
            if there is not None:
                found.append(_finding(look, row, side, crowd, there, limit))
    return found


def _crowd(look: SearchState, column: int, row: Hyperparameter, side: Side) -> _Crowd | None:
    """The top at this end; None where it does not crowd there."""
    if len(look.scored) < FEWEST:
        return None
    position = look.places[:, column]
    active = np.flatnonzero(np.isfinite(position))
    if len(active) < FEWEST:
        return None
    inside = _zone(position, row, side)
    size = int(min(max(LEAST_TOP, round(TOP * len(active))), MOST_TOP))
    order = look.best(len(look.scored))
    top = order[np.isin(order, active)][:size]
    if order[0] not in top or not inside[order[0]]:
        return None
    k, zone = int(inside[top].sum()), int(inside.sum())
    if k < CROWDED * size or zone >= len(active):
        return None
    chance = float(scipy.stats.hypergeom.sf(k - 1, len(active), zone, size))
    return _Crowd(inside, top, active, chance)


def _zone(
    position: npt.NDArray[np.float64], row: Hyperparameter, side: Side
) -> npt.NDArray[np.bool_]:
    """Which trials lie in the outermost part; of a range in few steps, at its last value."""
    count = row.count()
    width = ZONE if count is None else max(ZONE, 0.5 / (count - 1))
    with np.errstate(invalid="ignore"):
        return position <= width if side == "low" else position >= 1 - width


def _finding(
    look: SearchState, row: Hyperparameter, side: Side, crowd: _Crowd, there: Wider, limit: float
) -> Finding:
    best = look.scored[int(crowd.top[0])]
    if isinstance(row, Choice):
        where = f"is the {'first' if side == 'low' else 'last'} of its choices"
    else:
        where = f"lies at the {'lower' if side == 'low' else 'upper'} end of its range"
    statement = (
        f"The best {row.name} {where} ({plain(there.end)}): {crowd.crowded} of the top "
        f"{len(crowd.top)} trials are there, but only {int(crowd.inside.sum())} of all "
        f"{len(crowd.places)}."
    )
    return Finding(
        kind=KIND,
        subject=f"{row.name}.{side}",
        statement=statement,
        gain="Better values may lie just outside the range.",
        evidence=_evidence(look, row, crowd),
        confidence=Confidence(
            "Fisher's exact test: trials at the boundary, top trials against the rest",
            crowd.chance,
            limit,
        ),
        action=Action(
            "widen",
            f"Widen to {plain(there.value)}",
            {"name": row.name, "fields": there.fields},
        ),
        trials=(best.number, *(look.scored[int(place)].number for place in crowd.top[1:6])),
    )


def _evidence(look: SearchState, row: Hyperparameter, crowd: _Crowd) -> Evidence:
    """Score over value; the top is always in it."""
    others = [int(place) for place in crowd.places if place not in crowd.top]
    room = [others[place] for place in thinned(len(others), most=60 - len(crowd.top))]
    shown = sorted({*room, *map(int, crowd.top)})
    top = {int(place) for place in crowd.top}
    return Evidence(
        shape="points",
        x=tuple(look.scored[place].values[row.name] for place in shown),
        y=tuple(float(look.scores[place]) for place in shown),
        marked=tuple(place in top for place in shown),
        x_label=row.name,
        log=on_log(row),
        y_label=look.objective,
        caption=f"Filled: the top {len(crowd.top)} trials.",
    )
