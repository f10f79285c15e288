"""Takes over searches that ran elsewhere. Room: services; reads no file.

An imported search is an experiment that never runs: it keeps its own state, and its data set and its
hypermodel are stand-ins for what stayed where it ran.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from experiments.evaluation.protocol import Protocol
from experiments.interop.imported import FORMATS, ImportedSearch, ImportedTrial, strict
from experiments.models import Execution, Experiment, Project, SpaceVersion, Trial
from experiments.models.trial import FailureKind
from experiments.search.space import Space
from experiments.services import activity
from experiments.services.epoch_figures import epoch_figures
from experiments.services.stand_ins import no_data, no_model
from experiments.training.fit import Fit

BATCH: Final = 500
LONGEST_MESSAGE: Final = 1000
State = Trial.State


@dataclass(frozen=True, slots=True)
class Import:
    """What an import did. known: the search was here before; added, mended: trials."""

    experiment: Experiment
    known: bool
    added: int
    mended: int

    @property
    def text(self) -> str:
        """In a sentence."""
        if not self.known:
            return f"Imported {self.added:,} trial{'s' if self.added != 1 else ''}."
        if not self.added and not self.mended:
            return "It is here already, with all of its trials: nothing was changed."
        return (
            f"It was here already: {self.added:,} trials are new, and {self.mended:,} that had not "
            "ended before are brought up to date."
        )


def known_import(project: Project, identity: str) -> Experiment | None:
    """The experiment that the search of this identity became when it was imported before."""
    return project.experiments.filter(source_key=identity).first()


def _nobody(written: int) -> None:
    """Who is told of progress where nobody asked."""


def import_search(
    project: Project,
    search: ImportedSearch,
    *,
    by: User | None,
    name: str = "",
    tell: Callable[[int], object] = _nobody,
) -> Import:
    """Make an experiment of it, or add to the one that it became before what that lacks.

    tell: is called with how many trials are written; nothing of them is seen before the end.
    """
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        experiment = known_import(project, search.identity)
        known = experiment is not None
        if experiment is None:
            experiment = _insert(project, search, name or search.name, by)
        version = _version(experiment, search, by)
        added, mended = _store_trials(experiment, version, search.trials, tell)
        done = Import(experiment, known=known, added=added, mended=mended)
        if added or mended or not known:
            _settle(experiment)
            activity.record(
                "experiment.imported",
                f"{done.text} From {FORMATS[search.format]}: {search.name}",
                project=project,
                experiment=experiment,
                user=by,
            )
    experiment.refresh_from_db()
    return done


def _insert(project: Project, search: ImportedSearch, name: str, by: User | None) -> Experiment:
    return Experiment.objects.create(
        project=project,
        name=str(strict(name))[:120] or FORMATS[search.format],
        state=Experiment.State.IMPORTED,
        dataset_version=no_data(project),
        hypermodel_version=no_model(project),
        source={"format": search.format, "algorithm": search.algorithm, **search.source},
        source_key=search.identity,
        sampler=search.algorithm[:64],
        pruner="none",
        protocol=Protocol(repeats=1, locked_test_share=0.0, racing=False).to_dict(),
        split_hash="",
        objective=search.objective[:60],
        direction=search.direction,
        fit=Fit().to_dict(),
        max_trials=max(1, len(search.trials)),
        seed=0,
        created_by=by,
    )


def _version(experiment: Experiment, search: ImportedSearch, by: User | None) -> SpaceVersion:
    """The space as it was read; another version where a grown search brings another one."""
    last = experiment.space_versions.order_by("-number").first()
    asked = (search.space.to_dict(), search.counted_as)
    if last is not None and (last.space, last.counted_as) == asked:
        return last
    return SpaceVersion.objects.create(
        experiment=experiment,
        number=1 if last is None else last.number + 1,
        space=asked[0],
        counted_as=asked[1],
        sampler=experiment.sampler,
        created_by=by,
    )


def _store_trials(
    experiment: Experiment,
    version: SpaceVersion,
    trials: Sequence[ImportedTrial],
    tell: Callable[[int], object],
) -> tuple[int, int]:
    """Add those that are not here; bring those up to date that had not ended. Returns both counts."""
    here = {
        trial.source.get("id"): trial
        for trial in experiment.trials.only("pk", "number", "source", "state", "epochs", "score")
    }
    fresh = [trial for trial in trials if trial.key not in here]
    changed = [
        (here[trial.key].number, trial)
        for trial in trials
        if trial.key in here and _has_gone_on(here[trial.key], trial)
    ]
    if not fresh and not changed:
        return 0, 0
    event = activity.next_event(experiment.pk)  # locks the experiment before its trials
    numbers = [number for number, _ in changed]
    experiment.trials.filter(number__in=numbers).delete()
    first = 1 + max((trial.number for trial in here.values()), default=-1)
    rows = [*changed, *((first + place, trial) for place, trial in enumerate(fresh))]
    space = Space.from_dict(version.space)
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        made = [_trial(experiment, version, space, number, trial) for number, trial in part]
        for row in made:
            row.event_serial = event
        stored = Trial.objects.bulk_create(made)
        pairs = zip(stored, (trial for _, trial in part), strict=True)
        Execution.objects.bulk_create(_execution(row, trial) for row, trial in pairs)
        tell(start + len(part))
    return len(fresh), len(changed)


def _has_gone_on(here: Trial, told: ImportedTrial) -> bool:
    """Whether the source tells other of it than when it was read last: a run that goes on, or ended."""
    was = (here.source.get("status"), here.epochs, here.score)
    return was != (told.status, told.epochs or _length(told), told.score)


def _trial(
    experiment: Experiment,
    version: SpaceVersion,
    space: Space,
    number: int,
    trial: ImportedTrial,
) -> Trial:
    values = strict(trial.values)
    failed = trial.state == "failed"
    message = str(strict(trial.message))
    lines = [line for line in message.splitlines() if line.strip()]
    started, ended = _aware(trial.started), _aware(trial.ended)
    return Trial(
        experiment=experiment,
        number=number,
        space_version=version,
        values=values,
        values_key=space.key(values),
        state=trial.state,
        origin="import",
        source={"id": trial.key, "status": trial.status, **trial.source},
        seed=0,
        split_hash="",
        score=trial.score,
        metrics=strict(trial.metrics),
        epoch_figures=epoch_figures([_history(trial)]),
        epochs=trial.epochs or _length(trial),
        seconds=_seconds(started, ended) if trial.seconds is None else trial.seconds,
        failure_kind=_kind(trial) if failed else "",
        failure_message=(lines[-1] if lines else "No message was kept.")[:LONGEST_MESSAGE]
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
    """What the source tells of its training: one mean of however many executions there were."""
    return Execution(
        trial=row,
        index=0,
        part=0,
        repeat=0,
        seed=0,
        state=row.state,
        epochs=_length(trial),
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


def _length(trial: ImportedTrial) -> int:
    return max((len(curve) for curve in trial.curves.values()), default=0)


def _seconds(started: datetime | None, ended: datetime | None) -> float:
    if started is None or ended is None:
        return 0.0
    return max(0.0, (ended - started).total_seconds())


def _aware(at: datetime | None) -> datetime | None:
    """Times without a zone are taken for the site's own: where it ran is not recorded."""
    if at is None:
        return None
    return at if timezone.is_aware(at) else at.replace(tzinfo=timezone.get_default_timezone())


def _settle(experiment: Experiment) -> None:
    """The best trial, and the times of the whole."""
    trials = experiment.trials
    sign = "-" if experiment.direction == "maximize" else ""
    best = trials.filter(Trial.SCORED).order_by(f"{sign}score", "number").first()
    times = [
        (started, ended or started)
        for started, ended in trials.values_list("started", "ended")
        if started is not None
    ]
    columns: dict[str, Any] = {
        "best_trial": best,
        "max_trials": max(1, trials.count()),
        "started": min((started for started, _ in times), default=None),
        "ended": max((ended for _, ended in times), default=None),
        "seconds_used": sum(trials.values_list("seconds", flat=True)),
    }
    Experiment.objects.filter(pk=experiment.pk).update(**columns)
