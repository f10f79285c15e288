"""Edits of a search, before it starts, while it runs and after: all of one edit or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Model
from django.db.models.functions import Now

from experiments.models import Execution, Experiment, Purpose, SpaceVersion, Trial
from experiments.plan import ExperimentPlan
from experiments.search.budget import Budget
from experiments.search.declarations import declared, lowered
from experiments.search.space.changes import (
    SearchSettings,
    counted,
    counted_as,
    row_changes,
    standing,
)
from experiments.search.space.space import Space
from experiments.services.experiments import findings
from experiments.services.experiments.states import (
    NotAllowed,
    lock_experiment,
    refuse_imported,
    request_turns,
)
from experiments.services.site import activity
from experiments.services.trials.queued_configurations import waiting_of

# Beside the plan, for SQL
COLUMNS = ("name", "notes", "tags", "max_trials", "parallel", "sampler", "pruner")
STRATEGIES = ("sampler", "sampler_options", "pruner", "pruner_options")
DECLARED = {each.name: each for kind in (ExperimentPlan, Budget) for each in declared(kind)}


class StaleEdit(Exception):
    """The row was changed since the form was opened; `current` is how it stands now."""

    def __init__(self, current: Model) -> None:
        super().__init__("Somebody else changed this in the meantime. Reload the page.")
        self.current = current


@dataclass(frozen=True, slots=True)
class _Change:
    """One line of the log: what, how it was, how it is."""

    name: str
    before: Any
    after: Any

    @property
    def words(self) -> str:
        """Short values in words; the log's detail has the long ones."""
        declaration = DECLARED.get(self.name)
        label = lowered(declaration.label) if declaration else self.name
        values = (self.before, self.after)
        if any(isinstance(value, bool | list | dict) for value in values):
            return label
        shown = [declaration.words(value) if declaration else _short(value) for value in values]
        return f"{label} from {shown[0]} to {shown[1]}" if max(map(len, shown)) <= 60 else label


def edit_experiment(
    experiment: Experiment,
    *,
    revision: int,
    by: User,
    search: SearchSettings | None = None,
    **changes: Any,
) -> Experiment:
    """Apply an edit. Raises: StaleEdit if somebody else saved first.

    changes: values of the plan and of its budget by their names, checked.
    search: a changed space or sampler makes a new space version, used for the next suggestion.
    Running trials continue. Waiting, paused and queued configurations outside the new space are
    released. A budget below the number of trials becomes that number: no more trials start.

    Raises: StaleEdit, NotAllowed; SpaceError for a removed hyperparameter.
    """
    with transaction.atomic():
        before = lock_experiment(experiment.pk)
        if "max_trials" in changes:
            changes["max_trials"] = max(changes["max_trials"], before.trials.count())
        if before.revision != revision:
            experiment.refresh_from_db()
            raise StaleEdit(experiment)
        if search is not None:
            changes |= {name: getattr(search, name) for name in STRATEGIES}
        written = _plain_changes(before, changes)
        columns = {name: changes[name] for name in COLUMNS if name in changes}
        columns["plan"] = _plan(before, changes)
        released = ""
        if search is not None:
            columns["plan"]["space"] = search.space.to_dict()
            written += _space_changes(before, search.space)
            released = _new_version(before, search, by)
        Experiment.objects.filter(pk=experiment.pk).update(
            revision=F("revision") + 1, updated=Now(), **columns
        )
        activity.next_event(experiment.pk)
        experiment.refresh_from_db()
        findings.clear_done(experiment)
        _log(experiment, written, released, by)
        if experiment.state in Experiment.TURNING:
            request_turns(experiment.pk, experiment.parallel - before.parallel)
    return experiment


def _plain_changes(before: Experiment, changes: Mapping[str, Any]) -> list[_Change]:
    stored = before.plan | before.budget.to_dict()
    of_column = (*COLUMNS, *STRATEGIES)
    old = {n: getattr(before, n) if n in of_column else stored[n] for n in changes}
    return [
        _Change(name, old[name], value)
        for name, value in sorted(changes.items())
        if old[name] != value
    ]


def _space_changes(before: Experiment, after: Space) -> list[_Change]:
    space = Space.from_dict(before.space_versions.order_by("-number")[0].space)
    return [_Change(row.name, row.before, row.after) for row in row_changes(space, after)]


def _new_version(before: Experiment, search: SearchSettings, by: User) -> str:
    """A new space version where space or sampler change; what it releases, in words."""
    if before.purpose != Purpose.SEARCH:
        raise NotAllowed("This isn't a search: it has no sampler.")
    refuse_imported(before)
    last = before.space_versions.order_by("-number")[0]
    old = Space.from_dict(last.space)
    options = dict(search.sampler_options)
    before_it = (old.to_dict(), last.sampler, last.sampler_options)
    if before_it == (search.space.to_dict(), search.sampler, options):
        return ""
    version = SpaceVersion.objects.create(
        experiment=before,
        number=last.number + 1,
        space=search.space.to_dict(),
        counted_as=counted_as(old, search.space, last.counted_as),
        sampler=search.sampler,
        sampler_options=options,
        created_by=by,
    )
    if old == search.space:
        waiting_of(before).update(space_version=version)
        return ""
    return release_outside(before, version, search.space)


def release_outside(experiment: Experiment, version: SpaceVersion, space: Space) -> str:
    """Stop trials that wait outside the space, withdraw what is queued there, move the rest over."""
    waiting = experiment.trials.filter(state__in=[Trial.State.WAITING, Trial.State.PAUSED])
    rows = waiting.values_list("pk", "values")
    trials = standing(space, ((pk, counted(v, version.counted_as)) for pk, v in rows)).outside
    if trials:
        event = activity.next_event(experiment.pk)
        reason = f"Outside the search space of version {version.number}."
        waiting.filter(pk__in=trials).update(
            state=Trial.State.STOPPED, ended=Now(), failure_message=reason, event_serial=event
        )
        left = Execution.objects.filter(trial__in=trials).exclude(state=Trial.State.COMPLETED)
        left.update(state=Trial.State.STOPPED)
    queued = {each.pk: counted(each.values, version.counted_as) for each in waiting_of(experiment)}
    found = standing(space, queued.items())
    waiting_of(experiment).filter(pk__in=found.outside).update(withdrawn=Now())
    for pk in found.fitting:
        values = space.canonical(queued[pk])
        waiting_of(experiment).filter(pk=pk).update(
            space_version=version, values=values, values_key=space.key(values)
        )
    parts = [
        _many(len(trials), "waiting trial"),
        _many(len(found.outside), "queued configuration"),
    ]
    return " and ".join(part for part in parts if part)


def _plan(before: Experiment, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The plan as it is now, which a clone begins from."""
    budget = before.budget.to_dict()
    changed = {name: value for name, value in changes.items() if name in budget}
    others = {n: value for n, value in changes.items() if n in (*before.plan, *STRATEGIES)}
    return {**before.plan, **others, "budget": budget | changed}


def _log(experiment: Experiment, written: list[_Change], released: str, by: User) -> None:
    text = f"Changed {'; '.join(each.words for each in written) or 'nothing'}"
    if released:
        text = f"{text[:400]}. Released: {released}"
    activity.record(
        "experiment.edited",
        text,
        experiment=experiment,
        user=by,
        detail={
            "changes": [
                {"name": each.name, "before": each.before, "after": each.after} for each in written
            ],
            "thrown_back": released,
        },
    )


def _short(value: object) -> str:
    if value is None or value == "":
        return "none"
    return f"{value:,g}" if isinstance(value, int | float) else str(value)


def _many(count: int, noun: str) -> str:
    return "" if not count else f"{count:,} {noun}{'' if count == 1 else 's'}"
