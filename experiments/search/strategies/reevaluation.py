"""Re-evaluates top trials at the end of a search, so that a lucky score doesn't win."""

import math
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Final

import numpy as np

from experiments.search.history import History, ObservedTrial, Values
from experiments.search.models.observations import fitting
from experiments.search.models.trial_estimates import TrialEstimates, estimate_trials
from experiments.search.space.space import Space
from experiments.search.strategies.custom import version_of
from experiments.search.strategy import Suggestion

USUAL: Final = 3  # of the last trials
FEWEST: Final = 40  # trials of a budget that can spare them
MOST: Final = 20
TOP: Final = 4  # candidates for a repeat, by their standing before
OPTIMISM: Final = (
    0.7  # deviations by which a top trial may be better than it looks when the next is chosen
)
CALM: Final = 0.2  # noise below which a score tells enough, as a share of what trials differ by
PESSIMISM: Final = 0.5  # deviations by which it has to be better than it looks to be named


@dataclass(frozen=True, slots=True)
class TopTrial:
    """A trial that may be the best one; worth and unsure on the scale of squashed losses.

    worth: the mean of what was thought of it before and of its repeats, lower is better. unsure:
    its deviation; later_unsure: what that will be when the repeats that run have ended. again: the scores
    of its repeats, in the objective's direction. begun: repeats so far, whatever became of them.
    """

    number: int
    values: Values
    worth: float
    unsure: float
    later_unsure: float
    again: tuple[float, ...]
    begun: int


def usual(trials: int, *, sampler: str, executions: int, objectives: int) -> int:
    """Return the default number of re-evaluations at the end of a search.

    0 in a short search, if a trial is the mean of several executions, with several objectives, in
    a grid, and with custom samplers or tuners.
    """
    if trials < FEWEST or executions > 1 or objectives > 1:
        return 0
    return USUAL if sampler != "grid" and version_of(sampler) is None else 0


def problem(confirm: int | None, trials: int) -> str:
    """Why so many of the trials can't be repeats; empty: they can."""
    if not confirm or 2 * confirm <= trials:
        return ""
    return (
        f"At most {trials // 2:,} of {trials:,} trials can re-evaluate top trials. "
        "Enter fewer, or 0."
    )


def alone(history: History) -> History:
    """The history without the repeats."""
    if not any(trial.repeats is not None for trial in history.trials):
        return history
    return replace(history, trials=tuple(t for t in history.trials if t.repeats is None))


def pooled(history: History) -> History:
    """The history with the scores of repeats among the executions of the trial that they repeat.

    Its score is the mean then, of those that are numbers. A repeat teaches nothing further: it is no
    configuration of its own.
    """
    again = _again(history)
    first = alone(history)
    trials = tuple(_with(trial, again.get(trial.number, ())) for trial in first.trials)
    return replace(first, trials=trials)


def is_due(space: Space, history: History) -> bool:
    """Whether the next trial re-evaluates a top trial.

    Never if trials pause at rungs or the budget covers every configuration; by default not with
    any pruner.
    """
    left = history.planned - len(history)
    if not 0 < left <= history.confirm or history.more_objectives:
        return False
    spared = ("paused", "pruned") if history.if_noisy else ("paused",)
    if any(trial.state in spared for trial in history.trials):
        return False
    size = space.whole_size()
    return size is None or size > history.planned


def suggest(space: Space, history: History) -> Suggestion | None:
    """Return the top trial to re-evaluate; None before two trials have a score, or without noise.

    The trial with the smallest lower confidence bound is re-evaluated until another one could be
    better. Running repeats count as tries without a result.
    """
    if len(alone(history).scored) < 2:
        return None
    found = top_trials(space, history)
    if found is None or (history.if_noisy and found[0].noise < CALM):
        return None
    estimates, candidates = found
    chosen = min(candidates[:TOP], key=lambda each: each.worth - OPTIMISM * each.later_unsure)
    sign = 1.0 if history.direction == "minimize" else -1.0
    noisy = replace(chosen, unsure=math.hypot(chosen.unsure, estimates.noise))
    low, expected, high = in_scores(estimates, noisy)
    time = f", for the {_nth(chosen.begun + 1)} time" if chosen.begun else ""
    return Suggestion(
        chosen.values,
        f"Re-evaluates trial {chosen.number} with fresh seeds{time}: it ranks first so "
        "far, and its score may be lucky.",
        "confirm",
        predicted=sign * expected,
        uncertainty=(high - low) / 2,
        repeats=chosen.number,
    )


def top_trials(space: Space, history: History) -> tuple[TrialEstimates, list[TopTrial]] | None:
    """The trials with the best standing before any repeat, best first, then others with repeats.

    None without a score in this space.
    """
    first = alone(history)
    if not any(trial.is_scored for trial, _ in fitting(space, first)):
        return None
    estimates = estimate_trials(space, first)
    standing = estimates.standing
    again, begun = _again(history), _begun(history)
    values = {trial.number: trial.values for trial in first.trials}
    order = [int(place) for place in np.argsort(standing, kind="stable")]
    known = [place for place in order if np.isfinite(standing[place])]
    chosen = known[:TOP]
    chosen += [place for place in known[TOP:] if estimates.numbers[place] in again]
    found = []
    for place in chosen:
        number = estimates.numbers[place]
        scores = again.get(number, ())
        squashed = [_squashed(estimates, score, history) for score in scores]
        found.append(
            TopTrial(
                number=number,
                values=space.canonical(values[number]),
                worth=fmean([float(standing[place]), *squashed]),
                unsure=estimates.noise / math.sqrt(1 + len(scores)),
                later_unsure=estimates.noise / math.sqrt(1 + begun.get(number, 0)),
                again=scores,
                begun=begun.get(number, 0),
            )
        )
    return estimates, found


def in_scores(estimates: TrialEstimates, top: TopTrial) -> tuple[float, float, float]:
    """A top trial's worth as losses: less its deviation, itself, and more."""
    at = top.worth + top.unsure * np.array([-1.0, 0.0, 1.0])
    low, middle, high = map(float, estimates.scale.loss(at))
    return low, middle, high


def _squashed(estimates: TrialEstimates, score: float, history: History) -> float:
    """A repeat's score on the scale of the models; the worst one where it diverged."""
    worst = float(estimates.scores.max())
    if not np.isfinite(score):
        return worst
    loss = score if history.direction == "minimize" else -score
    found = float(estimates.scale.score(np.array([loss]))[0])
    return min(max(found, float(estimates.scores.min())), worst)


def _again(history: History) -> dict[int, tuple[float, ...]]:
    """Scores of the repeats that ran to their end, NaN where they diverged, by the repeated trial."""
    found: dict[int, tuple[float, ...]] = {}
    for trial in history.trials:
        if trial.repeats is not None and trial.state == "completed":
            score = float("nan") if trial.score is None else trial.score
            found[trial.repeats] = (*found.get(trial.repeats, ()), score)
    return found


def _begun(history: History) -> dict[int, int]:
    found: dict[int, int] = {}
    for trial in history.trials:
        if trial.repeats is not None:
            found[trial.repeats] = found.get(trial.repeats, 0) + 1
    return found


def _with(trial: ObservedTrial, again: tuple[float, ...]) -> ObservedTrial:
    finite = tuple(score for score in again if math.isfinite(score))
    if not finite or not trial.is_scored:
        return trial
    own = trial.executions or (float(trial.score or 0.0),)
    executions = (*own, *finite)
    return replace(trial, executions=executions, score=fmean(executions))


def _nth(count: int) -> str:
    return {2: "second", 3: "third"}.get(count, f"{count}th")
