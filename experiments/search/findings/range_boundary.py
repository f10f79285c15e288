"""Finding: the best trials lie at a boundary of a range, so the optimum may lie outside.

Two tests have to agree. That the top trials are there: their middle one lies in the outermost `ZONE` of
the range. And that the scores still rise towards the end: the slope of the normal scores within the
outermost `NEAR`, beside the effects of all other hyperparameters (t-test, one-sided). An optimum
further inside has no such slope.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import scipy
from threadpoolctl import threadpool_limits

from experiments.check_outcomes import NotChecked, NotFound, found_or
from experiments.search.findings.effects import terms
from experiments.search.findings.finding import (
    Action,
    Confidence,
    Evidence,
    Finding,
    Outcome,
    plain,
    thinned,
    too_few,
)
from experiments.search.findings.search_state import SearchState
from experiments.search.findings.significance_levels import level
from experiments.search.findings.wider_ranges import Wider, on_log, wider
from experiments.search.space.encoding import is_categorical
from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.hyperparameters import Choice

KIND: Final = "edge"
ZONE: Final = 0.2  # of the range, in the units of its scale
NEAR: Final = 0.4  # likewise, where the slope is measured
SPARE: Final = 8  # trials there beyond the terms of the model, at least
FEWEST: Final = 25  # scored trials where it is active
FEWEST_VALUES: Final = 4  # of a range in steps: of fewer every value is an end
TOP: Final = 0.1  # share of the trials that is the top, within the limits below
LEAST_TOP, MOST_TOP = 6, 20
CROWDED: Final = 0.5  # share of the top in the zone

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


def check(look: SearchState) -> Outcome:
    """One for each end of a hyperparameter that the best trials crowd at."""
    rows = [
        (column, row)
        for column, row in enumerate(look.space.searched)
        if not is_categorical(row) and (row.count() or math.inf) >= FEWEST_VALUES
    ]
    if len(look.scored) < FEWEST:
        return too_few("scored trials", FEWEST, len(look.scored))
    if not rows:
        return NotChecked(f"No hyperparameter is a range of {FEWEST_VALUES} values or more")
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
    names = ", ".join(row.name for _, row in rows)
    return found_or(found, NotFound((f"{len(look.scored):,} scored trials", f"ends of {names}")))


def _crowd(look: SearchState, column: int, row: Hyperparameter, side: Side) -> _Crowd | None:
    """The top at this end; None where it does not crowd there."""
    position = look.places[:, column]
    active = np.flatnonzero(np.isfinite(position))
    if len(active) < FEWEST:
        return None
    inside = _zone(position, row, side)
    size = int(min(max(LEAST_TOP, round(TOP * len(active))), MOST_TOP))
    order = look.best(len(look.scored))
    top = order[np.isin(order, active)][:size]
    if int(inside[top].sum()) < CROWDED * size or inside[active].all():
        return None
    return _Crowd(inside, top, active, _chance(look, column, active, side))


def _chance(look: SearchState, column: int, active: npt.NDArray[np.intp], side: Side) -> float:
    """One-sided p that scores don't rise towards this end, near it and all else equal."""
    position = look.places[active, column]
    near = active[position <= NEAR if side == "low" else position >= 1 - NEAR]
    if len(near) < 3:
        return 1.0
    places, goodness = look.places[near], look.goodness[near]
    others = [c for c in range(look.encoding.width) if c != column]
    blocks = [terms(look.encoding, places[:, each], each) for each in others]
    base = np.column_stack([np.ones(len(near)), *blocks])
    towards = (-1.0 if side == "low" else 1.0) * places[:, column]
    spare = len(near) - base.shape[1] - 1
    if spare < SPARE or np.ptp(towards) == 0:
        return 1.0
    with threadpool_limits(1):
        known, _, rank, _ = np.linalg.lstsq(base, np.column_stack([towards, goodness]))
    rest = np.column_stack([towards, goodness]) - base @ known
    x, y = rest[:, 0], rest[:, 1]
    spare, width = len(near) - int(rank) - 1, float(x @ x)
    if width <= 1e-12:
        return 1.0
    slope = float(x @ y) / width
    error = np.sqrt(float(((y - slope * x) ** 2).sum()) / spare / width)
    return float(scipy.special.stdtr(spare, -slope / max(float(error), 1e-12)))


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
        f"{len(crowd.top)} trials are in its outermost {ZONE:.0%}, and scores still rise towards "
        "the end.".replace("%", " %")
    )
    return Finding(
        kind=KIND,
        subject=f"{row.name}.{side}",
        statement=statement,
        gain="Better values may lie just outside the range.",
        evidence=_evidence(look, row, crowd),
        confidence=Confidence(
            "slope of the scores towards the end, beside all other hyperparameters (t-test)",
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
