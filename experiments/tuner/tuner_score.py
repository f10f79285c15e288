"""The score that a custom tuner gives a trial."""

from statistics import fmean
from typing import cast

from experiments.models import Execution, Trial
from experiments.search.history import Values
from experiments.search.tuner import Outcome
from experiments.services.trials.leases import Lease
from experiments.tuner.custom_strategies import tuner_of


def own_score(lease: Lease) -> float | None:
    """The trial's score by its tuner; None where it has none, or leaves it to the mean. Raises: AskFailed."""
    trial = Trial.objects.select_related("space_version", "experiment").get(pk=lease.trial)
    version = trial.space_version
    tuner = tuner_of(version.sampler, version.sampler_options)
    if tuner is None:
        return None
    executions = list(Execution.objects.filter(trial=trial).order_by("index"))
    objective = trial.experiment.objective
    return tuner.score(
        Outcome(
            number=trial.number,
            values=cast(Values, trial.values),
            executions=tuple(each.score for each in executions if each.score is not None),
            metrics=_means(executions),
            curves=tuple(tuple(each.history.get(objective, ())) for each in executions),
            epochs=sum(each.epochs for each in executions),
            seconds=sum(each.seconds for each in executions),
        )
    )


def _means(executions: list[Execution]) -> dict[str, float | None]:
    means: dict[str, float | None] = {}
    for name in dict.fromkeys(name for each in executions for name in each.metrics):
        told = [each.metrics.get(name) for each in executions]
        numbers = [value for value in told if value is not None]
        means[name] = fmean(numbers) if len(numbers) == len(told) else None
    return means
