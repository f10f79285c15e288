"""Imports external searches.

An imported search is an experiment that never runs: it keeps its own state, and its dataset and its
hypermodel are stand-ins for what stayed where it ran.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction

from experiments.interop.imported_search import FORMATS, ImportedSearch, ImportedTrial, strict
from experiments.models import Experiment, Project, SpaceVersion, Trial
from experiments.search.space.space import Space
from experiments.services.external.placeholders import NO_PROTOCOL, no_data, no_model
from experiments.services.imports.rows import Ready, length_of, ready_trial, write_trials
from experiments.services.site import activity

BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Import:
    """What an import did. known: the search was here before; added, updated: trials."""

    experiment: Experiment
    known: bool
    added: int
    updated: int

    @property
    def text(self) -> str:
        if not self.known:
            return f"Imported {self.added:,} trial{'s' if self.added != 1 else ''}."
        if not self.added and not self.updated:
            return "Already imported, with all of its trials: nothing changed."
        return (
            f"Already imported: added {self.added:,} new trials and updated "
            f"{self.updated:,} that had not ended before."
        )


def known_import(project: Project, identity: str) -> Experiment | None:
    """The experiment that the search of this identity became when it was imported before."""
    return project.experiments.filter(source_key=identity).first()


def _ignored(written: int) -> None:
    """Progress that nobody follows."""


def import_search(
    project: Project,
    search: ImportedSearch,
    *,
    by: User | None,
    name: str = "",
    tell: Callable[[int], object] = _ignored,
) -> Import:
    """Make an experiment of it, or add to the one that it became before what that lacks.

    tell: is called with how many trials are ready to be written; nothing of them is seen before the end.
    """
    known_before = known_import(project, search.identity)
    ready = _ready(search, {} if known_before is None else _here(known_before), tell)
    # From here on nobody else can write where the database is SQLite.
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        experiment = known_import(project, search.identity)
        known = experiment is not None
        if experiment is None:
            experiment = _insert(project, search, name or search.name, by)
        version = _version(experiment, search, by)
        added, updated = _store_trials(experiment, version, search, ready)
        done = Import(experiment, known=known, added=added, updated=updated)
        if added or updated or not known:
            _settle(experiment)
            activity.record(
                "experiment.imported",
                f"{done.text} From {FORMATS[search.format]}: {search.name}",
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
        plan={"protocol": NO_PROTOCOL.to_dict()},
        split_hash="",
        objective=search.objective[:60],
        direction=search.direction,
        max_trials=max(1, len(search.trials)),
        created_by=by,
    )


def _version(experiment: Experiment, search: ImportedSearch, by: User | None) -> SpaceVersion:
    """The space as it was read; another version where a grown search brings another one."""
    last = experiment.space_versions.order_by("-number").first()
    wanted = (search.space.to_dict(), search.counted_as)
    if last is not None and (last.space, last.counted_as) == wanted:
        return last
    return SpaceVersion.objects.create(
        experiment=experiment,
        number=1 if last is None else last.number + 1,
        space=wanted[0],
        counted_as=wanted[1],
        sampler=experiment.sampler,
        created_by=by,
    )


def _here(experiment: Experiment) -> dict[Any, Trial]:
    """Its trials by their ids in the source."""
    trials = experiment.trials.only("pk", "number", "source", "state", "epochs", "score")
    return {trial.source.get("id"): trial for trial in trials}


def _ready(
    search: ImportedSearch, here: dict[Any, Trial], tell: Callable[[int], object]
) -> dict[int, Ready]:
    """Those that are new or have changed, by their place in the search, ready to be written."""
    space = Space.from_dict(search.space.to_dict())
    wanted = [
        (place, trial)
        for place, trial in enumerate(search.trials)
        if trial.key not in here or _has_changed(here[trial.key], trial)
    ]
    ready: dict[int, Ready] = {}
    for start in range(0, len(wanted), BATCH):
        part = wanted[start : start + BATCH]
        ready |= {place: ready_trial(space, trial) for place, trial in part}
        tell(start + len(part))
    return ready


def _store_trials(
    experiment: Experiment, version: SpaceVersion, search: ImportedSearch, ready: dict[int, Ready]
) -> tuple[int, int]:
    """Add those that are not here; bring those up to date that had not ended. Returns both counts."""
    here = _here(experiment)
    fresh = [place for place, trial in enumerate(search.trials) if trial.key not in here]
    changed = {
        here[trial.key].number: place
        for place, trial in enumerate(search.trials)
        if trial.key in here and _has_changed(here[trial.key], trial)
    }
    if not fresh and not changed:
        return 0, 0
    event = activity.next_event(experiment.pk)  # locks the experiment before its trials
    experiment.trials.filter(number__in=list(changed)).delete()
    first = 1 + max((trial.number for trial in here.values()), default=-1)
    places = changed | {first + count: place for count, place in enumerate(fresh)}
    # Where others changed the experiment since it was read, some are still to be made.
    missing = set(places.values()) - set(ready)
    space = Space.from_dict(version.space)
    ready = ready | {place: ready_trial(space, search.trials[place]) for place in missing}
    write_trials(experiment, version, event, {at: ready[place] for at, place in places.items()})
    return len(fresh), len(changed)


def _has_changed(here: Trial, source: ImportedTrial) -> bool:
    """Whether the source has changed since it was last read: a run that continued, or ended."""
    was = (here.source.get("status"), here.epochs, here.score)
    return was != (source.status, source.epochs or length_of(source), source.score)


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
