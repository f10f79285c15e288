"""Imports external searches.

An imported search is an experiment that never runs: it keeps its own state, and its dataset and its
hypermodel are stand-ins for what stayed where it ran.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction

from experiments.interop.imported_search import FORMATS, ImportedSearch, strict
from experiments.models import Experiment, Project, SpaceVersion, Trial
from experiments.search.space.space import Space
from experiments.services.external.placeholders import NO_PROTOCOL, no_data, no_model
from experiments.services.imports.recognition import (
    Outcome,
    Recognised,
    recognise,
    state_of_imports,
)
from experiments.services.imports.rows import Ready, add_trials, ready_trial, renew_trial
from experiments.services.site import activity
from experiments.services.site.projects import lock_project

BATCH: Final = 500
NAME_LENGTH: Final = 120


@dataclass(frozen=True, slots=True)
class Import:
    """What an import did. alike: an earlier one that merely looks alike."""

    experiment: Experiment
    outcome: Outcome
    alike: Experiment | None

    @property
    def text(self) -> str:
        """Say it in one line."""
        outcome = self.outcome
        if outcome.known and not outcome.changes:
            return f"Already imported, nothing changed: {outcome.counts}."
        if outcome.known:
            return f"Updated: {outcome.counts}."
        words = f"Imported {outcome.counts}"
        if self.alike is None:
            return f"{words}."
        return (
            f"{words} as a new experiment. “{self.alike.name}” looks alike and stays as it is: "
            f"{different(outcome)}"
        )


def different(outcome: Outcome) -> str:
    """How many differences there are, with the first of them."""
    count = outcome.different
    first = outcome.differences[0]
    return f"{count:,} difference{'s' * (count != 1)}. {first}"


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
    before = state_of_imports(project)
    found = recognise(project, search)
    ready = _ready(search, _new_places(search, found), tell)
    # From here on nobody else can write where the database is SQLite.
    with transaction.atomic():
        lock_project(project.pk)
        if state_of_imports(project) != before:  # another import ended since
            found = recognise(project, search)
        done = _written(project, search, found, ready, name=name, by=by)
    done.experiment.refresh_from_db()
    return done


def _written(
    project: Project,
    search: ImportedSearch,
    found: Recognised | None,
    ready: dict[int, Ready],
    *,
    name: str,
    by: User | None,
) -> Import:
    outcome = Outcome.of(search, found)
    is_known = found is not None and found.is_same
    if found is not None and is_known:
        experiment = found.experiment
    else:
        experiment = _insert(project, search, _free_name(project, search, name), by)
    if outcome.changes:
        _store_trials(experiment, search, found if is_known else None, ready, by)
        _settle(experiment, search)
    done = Import(experiment, outcome, None if found is None or is_known else found.experiment)
    activity.record(
        "experiment.imported",
        f"{done.text} From {FORMATS[search.format]}: {search.name}",
        experiment=experiment,
        user=by,
        detail=asdict(outcome),
    )
    return done


def _free_name(project: Project, search: ImportedSearch, wanted: str) -> str:
    """The wanted name, with a number where an experiment has it."""
    name = str(strict(wanted or search.name))[:NAME_LENGTH].strip() or FORMATS[search.format]
    taken = {each.casefold() for each in project.experiments.values_list("name", flat=True)}
    numbers = itertools.count(2)
    free = name
    while free.casefold() in taken:
        free = f"{name[: NAME_LENGTH - 8]} ({next(numbers)})"
    return free


def _insert(project: Project, search: ImportedSearch, name: str, by: User | None) -> Experiment:
    return Experiment.objects.create(
        project=project,
        name=name,
        state=Experiment.State.IMPORTED,
        dataset_version=no_data(project),
        hypermodel_version=no_model(project),
        source={"format": search.format, "algorithm": search.algorithm, **search.source},
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


def _new_places(search: ImportedSearch, found: Recognised | None) -> Sequence[int]:
    """Places in the search of trials that are added."""
    is_known = found is not None and found.is_same
    return found.comparison.added if found is not None and is_known else range(len(search.trials))


def _ready(
    search: ImportedSearch, places: Sequence[int], tell: Callable[[int], object]
) -> dict[int, Ready]:
    """Trials by their place in the search, ready to be written."""
    space = Space.from_dict(search.space.to_dict())
    ready: dict[int, Ready] = {}
    for start in range(0, len(places), BATCH):
        part = places[start : start + BATCH]
        ready |= {place: ready_trial(space, search.trials[place]) for place in part}
        tell(start + len(part))
    return ready


def _store_trials(
    experiment: Experiment,
    search: ImportedSearch,
    known: Recognised | None,
    ready: dict[int, Ready],
    by: User | None,
) -> None:
    """Add those that are not here; bring those up to date that went on."""
    version = _version(experiment, search, by)
    event = activity.next_event(experiment.pk)  # locks the experiment before its trials
    rows = known.rows if known else ()
    first = 1 + max((row["number"] for row in rows), default=-1)
    places = _new_places(search, known)
    # Where others changed the experiment since it was read, some are still to be made.
    missing = [place for place in places if place not in ready]
    ready = ready | _ready(search, missing, _ignored)
    add_trials(experiment, version, event, {first + n: ready[at] for n, at in enumerate(places)})
    for place, index in (known.comparison.renewed if known else {}).items():
        renew_trial(rows[index]["pk"], version, event, search.trials[place])


def _settle(experiment: Experiment, search: ImportedSearch) -> None:
    """The best trial, and the times of the whole; the objective where none was known before."""
    if experiment.best_trial_id is None:
        experiment.objective = search.objective[:60]
        experiment.direction = search.direction
    trials = experiment.trials
    sign = "-" if experiment.direction == "maximize" else ""
    best = trials.filter(Trial.SCORED).order_by(f"{sign}score", "number").first()
    times = [
        (started, ended or started)
        for started, ended in trials.values_list("started", "ended")
        if started is not None
    ]
    columns: dict[str, Any] = {
        "objective": experiment.objective,
        "direction": experiment.direction,
        "best_trial": best,
        "max_trials": max(1, trials.count()),
        "started": min((started for started, _ in times), default=None),
        "ended": max((ended for _, ended in times), default=None),
        "seconds_used": sum(trials.values_list("seconds", flat=True)),
    }
    Experiment.objects.filter(pk=experiment.pk).update(**columns)
