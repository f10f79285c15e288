"""Recommends the winner; the highest score may only be lucky."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from experiments.number_words import plain
from experiments.search.history import History
from experiments.search.models.observations import fitting
from experiments.search.models.trial_estimates import TrialEstimates, estimate_trials
from experiments.search.space.space import Space
from experiments.search.strategies.reevaluation import (
    PESSIMISM,
    TopTrial,
    alone,
    in_scores,
    top_trials,
)

LEAST: Final = 10  # scored trials before models are used


@dataclass(frozen=True, slots=True)
class Winner:
    """The trial with the best score and the recommended one, by number; often the same.

    estimate, uncertainty: smoothed score of the recommended trial in the objective's units; None
    if the models weren't used. reason: one or two sentences. estimates: smoothed scores of all
    trials by number.
    """

    observed: int
    recommended: int
    reason: str
    estimate: float | None = None
    uncertainty: float | None = None
    estimates: Mapping[int, float] = field(default_factory=dict)


def recommend(space: Space, history: History) -> Winner | None:
    """Return the winner of a search so far; None without a score.

    The mean of three models plus `CAUTION` deviations is combined with the trial's own score,
    because models ignore what is special to a trial. A trial whose own score is clearly worse than
    the best is never recommended. Re-evaluations count as much as all earlier evidence.
    """
    first = alone(history)
    best = first.best
    if best is None:
        return None
    if len(first) < len(history):
        found = _after_repeats(space, history, best.number)
        if found is not None:
            return found
    if sum(trial.is_scored for trial, _ in fitting(space, first)) < LEAST:
        reason = f"The best score. From {LEAST} scores on, models are used too."
        return Winner(best.number, best.number, reason)
    estimates = estimate_trials(space, first)
    if best.number not in estimates.numbers:
        reason = "The best score. Its configuration is no longer in the search space."
        return Winner(best.number, best.number, reason)
    if not np.ptp(estimates.scores[estimates.scored]) > 0:
        reason = "The first trial; all have the same score."
        return Winner(best.number, best.number, reason)
    return _judge(estimates, best.number, history)


def _judge(estimates: TrialEstimates, observed: int, history: History) -> Winner:
    own = estimates.numbers.index(observed)
    place = int(np.argmin(np.where(estimates.clearly_worse(own), np.inf, estimates.standing)))
    sign = 1.0 if history.direction == "minimize" else -1.0
    middle, sd = estimates.mean[place], estimates.sd[place]
    low, estimate, high = estimates.scale.loss(np.array([middle - sd, middle, middle + sd]))
    doubtful = float(estimates.scale.loss(estimates.mean[[own]])[0])
    words = f"Smoothed score {plain(sign * estimate)} ± {plain((high - low) / 2, 2)}"
    if place == own:
        reason = f"The best score, and no other trial is clearly better. {words}."
    else:
        reason = (
            f"{words}; the trial with the best score ({observed}) has a smoothed score "
            f"of only {plain(sign * doubtful)}: it was probably lucky."
        )
    return Winner(
        observed,
        estimates.numbers[place],
        reason,
        float(sign * estimate),
        float((high - low) / 2),
        _smoothed(estimates, sign),
    )


def _after_repeats(space: Space, history: History, observed: int) -> Winner | None:
    """Named by the repeats too; None before the first one of a top trial has a score."""
    found = top_trials(space, history)
    if found is None or not any(top.again for top in found[1]):
        return None
    estimates, candidates = found
    chosen = min(candidates, key=lambda each: each.worth + PESSIMISM * each.unsure)
    sign = 1.0 if history.direction == "minimize" else -1.0
    low, estimate, high = in_scores(estimates, chosen)
    repeated = [each for each in candidates if each.again]
    known = {each.number: sign * in_scores(estimates, each)[1] for each in repeated}
    return Winner(
        observed,
        chosen.number,
        _words_of_repeats(chosen, repeated, observed),
        sign * estimate,
        (high - low) / 2,
        _smoothed(estimates, sign) | known,
    )


def _words_of_repeats(chosen: TopTrial, repeated: list[TopTrial], observed: int) -> str:
    if not chosen.again:
        names = ", ".join(str(each.number) for each in repeated)
        return (
            f"The re-evaluated trials ({names}) scored lower with fresh seeds; this "
            "trial is now the most promising."
        )
    words = f"Re-evaluated with fresh seeds, it scored {_scores(chosen)}"
    others = len(repeated) - 1
    words += f": the best of {others + 1} re-evaluated trials." if others else "."
    best = next((each for each in repeated if each.number == observed), None)
    if best is not None and best is not chosen:
        words += f" Trial {observed}, which had the best score, scored {_scores(best)}."
    return words


def _scores(top: TopTrial) -> str:
    *others, last = (plain(score) for score in top.again)
    return f"{', '.join(others)} and {last}" if others else last


def _smoothed(estimates: TrialEstimates, sign: float) -> dict[int, float]:
    smoothed = sign * estimates.scale.loss(estimates.mean)
    return dict(zip(estimates.numbers, map(float, smoothed), strict=True))
