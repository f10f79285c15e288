"""Reports: a search as the writers of other formats take it. Imports models and the kernel."""

from typing import cast

from experiments.interop.exported_search import ExportedSearch, ExportedTrial
from experiments.models import Execution, Experiment
from experiments.reports.figures import finite
from experiments.reports.sampling.history import curve_column, first_executions, read_curve
from experiments.search.history import Direction, TrialState
from experiments.search.space.hyperparameters import Fixed, IntRange
from experiments.search.space.space import Space

FIELDS = (
    *("pk", "number", "state", "values", "score", "metrics", "started", "ended", "source"),
    *("failure_message", "traceback"),
)


def exported_search(experiment: Experiment) -> ExportedSearch:
    """Every trial with the newest space; four queries, whatever the number of trials."""
    version = experiment.space_versions.order_by("-number")[0]
    space = Space.from_dict(version.space)
    curves = {
        pk: read_curve(values)
        for pk, values in first_executions(experiment).values_list(
            "trial", curve_column(experiment)
        )
    }
    epochs = _best_epochs(experiment)
    rows = experiment.trials.order_by("number").values(*FIELDS)
    return ExportedSearch(
        code=str(experiment.code),
        name=experiment.name,
        objective=experiment.objective,
        direction=cast(Direction, experiment.direction),
        space=space,
        trials=tuple(
            ExportedTrial(
                number=row["number"],
                state=cast(TrialState, row["state"]),
                values=row["values"],
                score=finite(row["score"]) if row["state"] == "completed" else None,
                metrics={name: finite(value) for name, value in row["metrics"].items()},
                best_epoch=epochs.get(row["pk"]),
                curve=curves.get(row["pk"], ()),
                message=row["traceback"] or row["failure_message"],
                started=row["started"],
                ended=row["ended"],
                source=row["source"],
            )
            for row in rows
        ),
        seed=experiment.seed,
        max_epochs=_most_epochs(space),
        source=experiment.source,
    )


def _best_epochs(experiment: Experiment) -> dict[int, int]:
    """The mean over executions of each one's best epoch, by trial."""
    rows = Execution.objects.filter(trial__experiment=experiment, best_epoch__isnull=False)
    found: dict[int, list[int]] = {}
    for pk, epoch in rows.order_by().values_list("trial", "best_epoch"):
        found.setdefault(pk, []).append(cast(int, epoch))
    return {pk: round(sum(epochs) / len(epochs)) for pk, epochs in found.items()}


def _most_epochs(space: Space) -> int:
    """The most that a trial trains for, where the space says it."""
    if "epochs" not in space:
        return 0
    row = space["epochs"]
    if isinstance(row, IntRange):
        return row.max
    return row.value if isinstance(row, Fixed) and isinstance(row.value, int) else 0
