"""Finding: a hyperparameter without measurable effect.

That a test sees no effect proves none, so the upper bound of the effect is tested: at the level of
all looks, it explains less than `NEGLIGIBLE` of the ranked scores, all its products with others
included. And only where the trials tried its whole range out, since where a sampler has settled
everything looks flat.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from experiments.check_outcomes import NotChecked, NotFound, found_or
from experiments.search.findings.effects import Effect, effect
from experiments.search.findings.finding import (
    Action,
    Confidence,
    Evidence,
    Finding,
    Outcome,
    percent,
    plain,
    thinned,
    too_few,
)
from experiments.search.findings.search_state import SearchState
from experiments.search.findings.significance_levels import level
from experiments.search.findings.wider_ranges import on_log
from experiments.search.space.hyperparameter import Hyperparameter

KIND: Final = "dead"
NEGLIGIBLE: Final = 0.03
FEWEST: Final = 50
ALWAYS_THERE: Final = (
    "epochs",
)  # fixing it saves no trials and hides what longer training brings
LEAST_SHARE: Final = 0.08  # of the trials in each quarter of the range, or of each choice

Vector = npt.NDArray[np.float64]


def check(look: SearchState) -> Outcome:
    """One for each hyperparameter that provably explains next to nothing."""
    if len(look.space) < 2:
        return NotChecked("Only one hyperparameter is searched")
    if len(look.scored) < FEWEST:
        return too_few("scored trials", FEWEST, len(look.scored))
    if np.ptp(look.goodness) == 0:
        return NotChecked("All scores are equal")
    found, tried = [], []
    for column, row in enumerate(look.space.searched):
        active = np.isfinite(look.places[:, column])
        limit = level(len(look.space), stands=look.stands(KIND, row.name))
        known = _effect(look, column, row, active, limit)
        if known is None:
            continue
        tried.append(row.name)
        if known.at_most < NEGLIGIBLE:
            found.append(_finding(look, row, active, known, limit))
    if not tried:
        return NotChecked("No range has enough trials in each of its quarters", "more trials")
    rests = f"effects of {', '.join(tried)}: none is provably below {percent(NEGLIGIBLE)}"
    return found_or(found, NotFound((f"{len(look.scored):,} scored trials", rests)))


def _effect(
    look: SearchState,
    column: int,
    row: Hyperparameter,
    active: npt.NDArray[np.bool_],
    limit: float,
) -> Effect | None:
    """What the hyperparameter explains; None where the trials can't tell."""
    place = look.places[active, column]
    if row.name in ALWAYS_THERE or len(place) < FEWEST:
        return None
    if not _is_spread(place, bool(look.encoding.categorical[column])):
        return None
    return effect(look.encoding, look.places[active], look.goodness[active], column, limit)


def _is_spread(place: Vector, is_categorical: bool) -> bool:  # noqa: FBT001
    """Whether each quarter of the range, or each choice, got its share of the trials."""
    if is_categorical:
        counts = np.unique(place, return_counts=True)[1]
        return len(counts) > 1 and bool(counts.min() >= min(LEAST_SHARE * len(place), len(place)))
    values = np.unique(place)
    if len(values) <= 4:
        counts = np.unique(place, return_counts=True)[1]
        return len(values) > 1 and bool(counts.min() >= LEAST_SHARE * len(place))
    counts = np.histogram(place, bins=4, range=(0.0, 1.0))[0]
    return bool(counts.min() >= LEAST_SHARE * len(place))


def _finding(
    look: SearchState,
    row: Hyperparameter,
    active: npt.NDArray[np.bool_],
    known: Effect,
    limit: float,
) -> Finding:
    scored = [trial for trial, is_active in zip(look.scored, active, strict=True) if is_active]
    best = look.scored[int(look.best(1)[0])]
    value = best.values.get(row.name, row.start())
    shown = thinned(len(scored))
    saved = 1 / max(1, len(look.space))
    return Finding(
        kind=KIND,
        subject=row.name,
        statement=(
            f"{row.name} has no measurable effect: over {known.trials} trials it "
            f"explains at most {percent(known.at_most)} of the variance of the scores."
        ),
        gain=f"Saves one of {len(look.space)} dimensions: {percent(saved)} of the search space.",
        evidence=Evidence(
            shape="points",
            x=tuple(scored[place].values[row.name] for place in shown),
            y=tuple(scored[place].score for place in shown),
            marked=tuple(scored[place].number == best.number for place in shown),
            x_label=row.name,
            log=on_log(row),
            y_label=look.objective,
            caption="Scores show no trend over its values. Filled: the best trial.",
        ),
        confidence=Confidence(
            "upper bound of the share of variance explained (non-central F, exceeded "
            f"with probability {limit:.1g}); must be below {percent(NEGLIGIBLE)}"
        ),
        action=Action("fix", f"Fix at {plain(value)}", {"name": row.name, "value": value}),
        trials=(best.number,),
    )
