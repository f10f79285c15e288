"""What a trial's executions came to, and whether that is the best so far."""

from statistics import fmean

from experiments.models import Execution, Experiment, Trial


def mean_metrics(executions: list[Execution]) -> dict[str, float | None]:
    """Each metric's mean; None where an execution has no number for it."""
    means: dict[str, float | None] = {}
    for name in dict.fromkeys(name for e in executions for name in e.metrics):
        values = [e.metrics.get(name) for e in executions]
        means[name] = None if None in values else fmean(v for v in values if v is not None)
    return means


def is_better(experiment: Experiment, trial: Trial) -> bool:
    """Whether the trial's score beats the best one so far; never that of one which was set aside."""
    if trial.set_aside:
        return False
    best = experiment.best_trial
    if best is None or best.score is None or trial.score is None:
        return trial.score is not None
    if experiment.direction == "maximize":
        return trial.score > best.score
    return trial.score < best.score
