"""Room: reports. How long a fit took in earlier searches of the same model on the same data."""

from dataclasses import dataclass

from django.db.models import Avg, Count, Max, Min, Sum

from experiments.models import Execution, Project, Trial


@dataclass(frozen=True, slots=True)
class FitSeconds:
    """Seconds of the completed executions that are alike, `n` of them; `epoch`: of one epoch."""

    mean: float
    shortest: float
    longest: float
    n: int
    epoch: float | None = None


def fit_seconds(project: Project, dataset_version: int, model: str) -> FitSeconds | None:
    """One query; None when there is nothing alike in the project yet."""
    found = Execution.objects.filter(
        state=Trial.State.COMPLETED,
        trial__experiment__project=project,
        trial__experiment__dataset_version=dataset_version,
        trial__experiment__hypermodel_version__hypermodel__slug=model,
    ).aggregate(
        mean=Avg("seconds"),
        shortest=Min("seconds"),
        longest=Max("seconds"),
        n=Count("pk"),
        seconds=Sum("seconds"),
        epochs=Sum("epochs"),
    )
    if not found["n"]:
        return None
    return FitSeconds(
        mean=found["mean"],
        shortest=found["shortest"],
        longest=found["longest"],
        n=found["n"],
        epoch=found["seconds"] / found["epochs"] if found["epochs"] else None,
    )
