"""When a search is over, and why, in plain words."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils import timezone

from experiments.models import Experiment, Trial
from experiments.services.experiments import limits

TRIAL = Trial.State
Limit = Callable[[Experiment], str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The search ends, in `state`, and why. `by_target`: its target score was reached."""

    state: Experiment.State
    reason: str
    by_target: bool = False


def verdict(experiment: Experiment, *, fresh_start: bool = False) -> Verdict | None:
    """Return why no more trials may start; None while the budget lasts.

    fresh_start: for a search that is being resumed: earlier consecutive failures don't count.
    """
    if fresh_start:
        return _target(experiment) or _spent(experiment) or _trials(experiment)
    return cut(experiment) or _trials(experiment) or _reached(experiment, limits.ENOUGH)


def cut(experiment: Experiment) -> Verdict | None:
    """Why also the trials that run are ended at their next epoch; None to let them run."""
    return _target(experiment) or _spent(experiment) or _failures(experiment)


def _spent(experiment: Experiment) -> Verdict | None:
    return _reached(experiment, limits.SPENT) or _time(experiment)


def _reached(experiment: Experiment, found: Iterable[Limit]) -> Verdict | None:
    """The first limit that is met."""
    reason = next(filter(None, (limit(experiment) for limit in found)), "")
    return Verdict(Experiment.State.COMPLETED, reason) if reason else None


def seconds_left(experiment: Experiment) -> float | None:
    """Until the time budget ends; None where there is none."""
    limit = experiment.budget.max_seconds
    return None if limit is None else limit - seconds_used(experiment)


def seconds_used(experiment: Experiment) -> float:
    """Wall-clock seconds of all running periods, the current one included."""
    if experiment.resumed is None:
        return experiment.seconds_used
    current = (timezone.now() - experiment.resumed).total_seconds()
    return experiment.seconds_used + max(0.0, current)


def _target(experiment: Experiment) -> Verdict | None:
    target = experiment.budget.target_score
    best = None if target is None else experiment.best_trial
    if target is None or best is None or best.score is None:
        return None
    maximize = experiment.direction == "maximize"
    if (best.score < target) if maximize else (best.score > target):
        return None
    reason = (
        f"Trial {best.number} reached the target: {experiment.objective} "
        f"{best.score:.6g} (target {target:.6g})."
    )
    return Verdict(Experiment.State.COMPLETED, reason, by_target=True)


def _time(experiment: Experiment) -> Verdict | None:
    limit = experiment.budget.max_seconds
    if limit is None or seconds_used(experiment) < limit:
        return None
    reason = f"The time budget of {in_words(limit)} is used up."
    return Verdict(Experiment.State.COMPLETED, reason)


def _failures(experiment: Experiment) -> Verdict | None:
    """Failures in a row, or too large a share of them."""
    reason = limits.too_many_failed(experiment)
    if reason:
        return Verdict(Experiment.State.FAILED, reason)
    ended = limits.ended_trials(experiment).order_by("-ended", "-number")
    states = list(ended.values_list("state", flat=True)[: experiment.budget.max_failures])
    if len(states) < experiment.budget.max_failures or any(
        state != TRIAL.FAILED for state in states
    ):
        return None
    last = ended[0]
    reason = (
        f"{_trials_in_words(len(states))} failed in a row; the last one, trial {last.number}: "
        f"{last.failure_message or last.failure_kind}"
    )
    return Verdict(Experiment.State.FAILED, reason)


def _trials(experiment: Experiment) -> Verdict | None:
    """Paused trials may still be promoted: whether they are is not for the budget to say."""
    if experiment.trials.filter(state__in=[TRIAL.WAITING, TRIAL.PAUSED]).exists():
        return None
    if trials_left(experiment):
        return None
    return Verdict(Experiment.State.COMPLETED, trials_spent(experiment))


def trials_left(experiment: Experiment) -> int:
    """Return how many trials may still be added."""
    return max(0, experiment.max_trials - experiment.trials.count())


def trials_spent(experiment: Experiment) -> str:
    """Why no trial is added any more."""
    if experiment.runs_elsewhere and not experiment.trials.exclude(origin=Trial.JOINED).exists():
        count = experiment.trials.count()
        return "The joined run has ended." if count == 1 else f"All {count:,} runs have ended."
    return f"The budget of {_trials_in_words(experiment.max_trials)} is used up."


def _trials_in_words(count: int) -> str:
    return "1 trial" if count == 1 else f"{count:,} trials"


def in_words(seconds: int) -> str:
    """A duration as people say it: 90 seconds, 5 minutes, 2 hours."""
    for name, size in (("hour", 3600), ("minute", 60)):
        if seconds >= size and seconds % size == 0:
            count = seconds // size
            return f"{count} {name}" if count == 1 else f"{count} {name}s"
    return "1 second" if seconds == 1 else f"{seconds} seconds"
