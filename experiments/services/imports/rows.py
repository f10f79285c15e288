"""Rows of an imported search's trials."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.utils import timezone

from experiments.interop.imported_search import ImportedTrial, strict
from experiments.models import Execution, Experiment, SpaceVersion, Trial
from experiments.models.trial import FailureKind
from experiments.search.space.space import Space
from experiments.services.imports.bulk_rows import Prepared, Rows
from experiments.services.trials.curve_summaries import epoch_figures

LONGEST_MESSAGE: Final = 1000
TRIALS: Final = Rows(Trial, "experiment", "space_version", "number", "event_serial")
EXECUTIONS: Final = Rows(Execution, "trial")
READ: Final = (  # columns of a trial that its source fills
    *("values", "values_key", "state", "source", "score", "metrics", "epoch_figures", "epochs"),
    *("seconds", "failure_kind", "failure_message", "traceback", "started", "ended"),
)
Ready = tuple[Prepared, Prepared]  # a trial and its execution


def ready_trial(space: Space, trial: ImportedTrial) -> Ready:
    """All of a trial that doesn't depend on the experiment that it comes into."""
    row = _trial(space, trial)
    return TRIALS.prepare(row), EXECUTIONS.prepare(_execution(row, trial))


def add_trials(
    experiment: Experiment, version: SpaceVersion, event: int, trials: Mapping[int, Ready]
) -> None:
    """Write new trials by their numbers, under an event of their own. In a transaction."""
    TRIALS.insert(
        ((experiment.pk, version.pk, number, event), trial)
        for number, (trial, _) in trials.items()
    )
    stored = experiment.trials.filter(event_serial=event).values_list("number", "pk")
    EXECUTIONS.insert(((pk,), trials[number][1]) for number, pk in stored)


def renew_trial(pk: int, version: SpaceVersion, event: int, trial: ImportedTrial) -> None:
    """Write what a trial is now over what it was; what people added to it stays. In a transaction."""
    row = _trial(Space.from_dict(version.space), trial)
    columns = {name: getattr(row, name) for name in READ}
    Trial.objects.filter(pk=pk).update(**columns, space_version=version, event_serial=event)
    Execution.objects.filter(trial=pk).delete()
    EXECUTIONS.insert([((pk,), EXECUTIONS.prepare(_execution(row, trial)))])


def _trial(space: Space, trial: ImportedTrial) -> Trial:
    values = strict(trial.values)
    failed = trial.state == "failed"
    message = str(strict(trial.message))
    lines = [line for line in message.splitlines() if line.strip()]
    started, ended = aware(trial.started), aware(trial.ended)
    return Trial(
        values=values,
        values_key=space.key(values),
        state=trial.state,
        origin="import",
        source={
            "id": trial.key,
            "status": trial.status,
            "open": trial.is_open,
            **trial.source,
        },
        seed=0,
        split_hash="",
        score=trial.score,
        metrics=strict(trial.metrics),
        epoch_figures=epoch_figures([_history(trial)]),
        epochs=trial.length,
        seconds=_seconds(started, ended) if trial.seconds is None else trial.seconds,
        failure_kind=_kind(trial) if failed else "",
        failure_message=(lines[-1] if lines else "The error message was not stored.")[
            :LONGEST_MESSAGE
        ]
        if failed
        else "",
        traceback=message if failed and len(lines) > 1 else "",
        started=started,
        ended=ended,
    )


def _kind(trial: ImportedTrial) -> str:
    lost = trial.source.get("score") in ("NaN", "Infinity", "-Infinity")
    return FailureKind.NAN if lost else FailureKind.USER_CODE


def _execution(row: Trial, trial: ImportedTrial) -> Execution:
    """Its training as the source has it: one mean of however many executions there were."""
    return Execution(
        index=0,
        part=0,
        repeat=0,
        seed=0,
        state=row.state,
        epochs=trial.curve_length,
        history=_history(trial),
        metrics=row.metrics,
        best_epoch=trial.best_epoch,
        score=row.score,
        seconds=row.seconds,
        started=row.started,
        ended=row.ended,
    )


def _history(trial: ImportedTrial) -> dict[str, list[float | None]]:
    return {name: list(curve) for name, curve in trial.curves.items()}


def _seconds(started: datetime | None, ended: datetime | None) -> float:
    if started is None or ended is None:
        return 0.0
    return max(0.0, (ended - started).total_seconds())


def aware(at: datetime | None) -> datetime | None:
    """Times without a zone are taken for the site's own: where it ran is not recorded."""
    if at is None:
        return None
    return at if timezone.is_aware(at) else at.replace(tzinfo=timezone.get_default_timezone())
