"""When a search is over, and why, in plain words. Room: services."""

from dataclasses import dataclass

from django.utils import timezone

from experiments.models import Experiment, Trial

TRIAL = Trial.State


@dataclass(frozen=True, slots=True)
class Verdict:
    """The search ends, in `state`, and why. `by_target`: its target score was reached."""

    state: Experiment.State
    reason: str
    by_target: bool = False


def verdict(experiment: Experiment, *, fresh_start: bool = False) -> Verdict | None:
    """Why no further trial may begin; None while the budget lasts.

    fresh_start: ask for a search that is about to go on: old failures in a row are forgiven.
    """
    if fresh_start:
        return _target(experiment) or _time(experiment) or _trials(experiment)
    return cut(experiment) or _trials(experiment)


def cut(experiment: Experiment) -> Verdict | None:
    """Why also the trials that run are ended at their next epoch; None to let them run."""
    return _target(experiment) or _time(experiment) or _failures(experiment)


def seconds_used(experiment: Experiment) -> float:
    """Wall-clock seconds of all running periods, the current one included."""
    if experiment.resumed is None:
        return experiment.seconds_used
    current = (timezone.now() - experiment.resumed).total_seconds()
    return experiment.seconds_used + max(0.0, current)


def _target(experiment: Experiment) -> Verdict | None:
    target = experiment.target_score
    best = experiment.best_trial
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
    limit = experiment.max_seconds
    if limit is None or seconds_used(experiment) < limit:
        return None
    reason = f"The time budget of {in_words(limit)} is used up."
    return Verdict(Experiment.State.COMPLETED, reason)


def _failures(experiment: Experiment) -> Verdict | None:
    """Failures in a row of this running period: a search that goes on starts counting anew."""
    since = experiment.resumed
    ended = experiment.trials.filter(state__in=[TRIAL.COMPLETED, TRIAL.PRUNED, TRIAL.FAILED])
    if since is not None:
        ended = ended.filter(ended__gte=since)
    last = list(ended.order_by("-ended", "-number")[: experiment.max_failures])
    if len(last) < experiment.max_failures or any(t.state != TRIAL.FAILED for t in last):
        return None
    reason = (
        f"{_trials_in_words(len(last))} failed in a row; the last one, trial {last[0].number}: "
        f"{last[0].failure_message or last[0].failure_kind}"
    )
    return Verdict(Experiment.State.FAILED, reason)


def _trials(experiment: Experiment) -> Verdict | None:
    if experiment.trials.filter(state__in=[TRIAL.WAITING]).exists():
        return None
    made = experiment.trials.filter(origin="sampler").count()
    if made < experiment.max_trials:
        return None
    reason = f"The budget of {_trials_in_words(experiment.max_trials)} is used up."
    return Verdict(Experiment.State.COMPLETED, reason)


def _trials_in_words(count: int) -> str:
    return "1 trial" if count == 1 else f"{count:,} trials"


def in_words(seconds: int) -> str:
    """A duration as people say it: 90 seconds, 5 minutes, 2 hours."""
    for name, size in (("hour", 3600), ("minute", 60)):
        if seconds >= size and seconds % size == 0:
            count = seconds // size
            return f"{count} {name}" if count == 1 else f"{count} {name}s"
    return "1 second" if seconds == 1 else f"{seconds} seconds"
