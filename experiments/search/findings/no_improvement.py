"""Finding: 20 more trials are expected to improve the score by next to nothing.

The gaps between the best scores, each times its rank, are independent and exponential where the
upper tail is (Rényi 1953), so twice their sum over its scale has a chi-squared distribution, and the
scale b an upper bound. The best of n independent trials grows by b ln(1 + 20 / n) with 20 more
(Gumbel 1958, chapter 5); shorter tails grow by less. The bound has to be below a quarter of the best
score's standard error, or, with one execution a trial, below `NOTHING` of the distance between the
best and the middle trial. So has what the second half of the search has brought, and the best trial
must not be one of the latest.
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt
import scipy

from experiments.check_outcomes import Found, NotChecked, NotFound
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
from experiments.search.models.expected_gain import AHEAD

KIND: Final = "stalled"
FEWEST: Final = 40  # scored trials
NOTHING: Final = 0.01
OF_ERROR: Final = 0.25
GAPS: Final = 20  # of the best scores
QUIET: Final = 0.3  # share of the trials that have come since the best one


def check(look: SearchState) -> Outcome:
    """At most one, and only while at least 20 trials are still to come."""
    n = len(look.scored)
    if look.left < AHEAD:
        return NotChecked(f"Fewer than {AHEAD} trials are to come")
    if n < FEWEST:
        return too_few("scored trials", FEWEST, n)
    chance = level(1, stands=look.stands(KIND, "gain"))
    losses = -look.sign * look.scores
    recent = float(losses[: n // 2].min() - losses.min()) / math.log(2) * math.log(1 + AHEAD / n)
    gain, (limit, of_what) = max(_most_gain(losses, chance), recent), _nothing(look)
    best = look.scored[int(look.best(1)[0])]
    since = n - 1 - int(look.best(1)[0])
    if gain >= limit or since < QUIET * n:
        rests = f"another {AHEAD} trials may improve {look.objective} by up to {plain(gain)}"
        return NotFound((f"{n:,} scored trials", rests))
    so_far = np.minimum.accumulate(losses) * -look.sign
    shown = thinned(n)
    return Found(
        (
            Finding(
                kind=KIND,
                subject="gain",
                statement=(
                    f"Another {AHEAD} trials would improve {look.objective} by at most "
                    f"{plain(gain)}, which is less than {of_what}. The best is trial "
                    f"{best.number}, {since} scored trials ago."
                ),
                gain=f"Saves up to {look.left} trials.",
                evidence=Evidence(
                    shape="line",
                    x=tuple(look.scored[place].number for place in shown),
                    y=tuple(float(so_far[place]) for place in shown),
                    x_label="trial",
                    y_label=look.objective,
                    caption="Best score so far.",
                ),
                confidence=Confidence(
                    f"upper bound of the improvement from {AHEAD} more trials (chi-squared "
                    "test of the gaps between top scores, exceeded with probability "
                    f"{chance:.1g})"
                ),
                action=Action(
                    "stop",
                    "Stop the search",
                    {"confirm": [look.scored[int(place)].number for place in look.best(3)]},
                ),
                trials=(best.number,),
            ),
        )
    )


def _most_gain(losses: npt.NDArray[np.float64], chance: float) -> float:
    """What 20 more trials add, the chance that it is more being `chance`."""
    top = np.sort(losses)[: GAPS + 1]
    total = float(((top[1:] - top[:-1]) * np.arange(1, len(top))).sum())
    scale = 2 * total / float(scipy.special.chdtri(2 * (len(top) - 1), 1 - chance))
    return scale * math.log(1 + AHEAD / len(losses))


def _nothing(look: SearchState) -> tuple[float, str]:
    """What counts as no gain, and how it is called."""
    best = look.scored[int(look.best(1)[0])]
    deviations = [
        float(np.var(trial.executions, ddof=1))
        for trial in look.scored
        if len(trial.executions) > 1
    ]
    if deviations and len(best.executions) > 1:
        error = math.sqrt(float(np.mean(deviations)) / len(best.executions))
        return OF_ERROR * error, f"a quarter of a score's standard error ({plain(error)})"
    middle = abs(float(np.median(look.scores)) - float(best.score or 0.0))
    return (
        NOTHING * middle,
        f"{NOTHING:.0%} of the best trial's lead over the median trial".replace("%", " %"),
    )
