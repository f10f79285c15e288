"""Writes of experiments: create, start, pause, resume, stop, archive.

A search's baselines pause, resume, stop and go to the archive with it.
"""

from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Coalesce, Now

from experiments import storage
from experiments.catalog.registry import template_of
from experiments.changed_files import in_words
from experiments.digests import ChangedFile
from experiments.external_plan import ExternalPlan
from experiments.models import (
    DatasetVersion,
    Experiment,
    Place,
    Project,
    Purpose,
    SpaceVersion,
    Trial,
)
from experiments.plan import ExperimentPlan
from experiments.services.code.runnable import refuse_code
from experiments.services.datasets.split_facts import facts_of
from experiments.services.datasets.splits import split_of
from experiments.services.datasets.stored_data import (
    check_data,
    check_path,
    check_version,
)
from experiments.services.experiments import budget
from experiments.services.experiments.hypermodels import hypermodel_version
from experiments.services.experiments.states import (
    NotAllowed,
    apply_request,
    lock_experiment,
    move,
    move_or_refuse,
    request_turns,
)
from experiments.services.experiments.warm_start import store_warm_start
from experiments.services.site import activity
from experiments.services.trials.lifecycle import requeue_trial

__all__ = ["NotAllowed"]

State = Experiment.State


def create_experiment(
    project: Project,
    plan: ExperimentPlan,
    *,
    by: User | None,
    cloned_from: Experiment | None = None,
    code: UUID | None = None,
) -> Experiment:
    """A draft with space version 1, its split files and the hypermodel version that it names.

    code: chosen when the form was opened, so that a form sent twice makes one experiment; the
    second raises IntegrityError.

    Raises: NotAllowed when the dataset version isn't ready, or not this project's;
    NoSuchExperiment when a search to start from isn't.
    """
    version = _usable_version(project, plan.dataset_version)
    split = split_of(version, plan.protocol, plan.seed)
    facts = facts_of(version, plan.protocol, split).to_dict()
    split_columns = {"split_hash": split.hash, "split_facts": facts}
    storage.save_split(split)
    with transaction.atomic():
        experiment = _insert(
            project, plan, split_columns, by=by, cloned_from=cloned_from, code=code or uuid4()
        )
        add_first_space(experiment, plan, by=by)
        store_warm_start(experiment, plan)
        activity.record(
            "experiment.created",
            "Created the experiment",
            experiment=experiment,
            user=by,
            detail={"cloned_from": str(cloned_from.code)} if cloned_from else {},
        )
    return experiment


def _usable_version(project: Project, version_pk: int) -> DatasetVersion:
    version = DatasetVersion.objects.select_related("dataset").filter(pk=version_pk).first()
    if version is None or version.dataset.project_id not in (None, project.pk):
        raise NotAllowed("This dataset isn't in the project.")
    if version.state != DatasetVersion.State.READY:
        raise NotAllowed("This dataset version isn't ready.")
    try:
        check_version(version)
    except ChangedFile as changed:
        raise NotAllowed(in_words(changed)) from changed
    return version


def add_first_space(
    experiment: Experiment, plan: ExperimentPlan | ExternalPlan, *, by: User | None
) -> None:
    """Version 1 of the experiment's space, as the plan has it."""
    SpaceVersion.objects.create(
        experiment=experiment,
        number=1,
        space=plan.space.to_dict(),
        sampler=plan.sampler,
        sampler_options=dict(plan.sampler_options),
        created_by=by,
    )


def _insert(
    project: Project,
    plan: ExperimentPlan,
    split_columns: dict[str, Any],
    *,
    by: User | None,
    cloned_from: Experiment | None,
    code: UUID,
) -> Experiment:
    name = template_of(plan.model, plan.layers).name
    return Experiment.objects.create(
        code=code,
        project=project,
        name=plan.name,
        notes=plan.notes,
        tags=list(plan.tags),
        dataset_version_id=plan.dataset_version,
        hypermodel_version=hypermodel_version(project, plan.model, name, list(plan.layers), by=by),
        sampler=plan.sampler,
        pruner=plan.pruner,
        **split_columns,
        objective=plan.objective,
        direction=plan.direction,
        plan=plan.to_dict(),
        max_trials=plan.budget.max_trials,
        parallel=plan.budget.parallel,
        created_by=by,
        cloned_from=cloned_from,
    )


def start_experiment(experiment: Experiment, *, by: User | None) -> None:
    """Draft → queued, with as many turns as may run at once. Raises NotAllowed.

    No trial could train where data are missing or code is refused, so nothing starts.
    """
    refuse_changed_data(experiment)
    refuse_code(experiment)
    with transaction.atomic():
        state = lock_experiment(experiment.pk).state
        if state != State.DRAFT:
            raise NotAllowed(f"The experiment is already {state}.")
        _queue(experiment, "experiment.started", "Started the experiment", by)


def refuse_changed_data(experiment: Experiment) -> None:
    """Raise NotAllowed where a search's arrays or rows aren't what their digests say."""
    if experiment.place != Place.HERE:
        return
    try:
        check_data(experiment.dataset_version, experiment.split_hash)
    except ChangedFile as changed:
        raise NotAllowed(in_words(changed)) from changed


def changed_data(experiment: Experiment) -> str:
    """Why a search that the site paused can't go on, in words; empty where its data are whole."""
    if not experiment.changed_file:
        return ""
    try:
        check_path(experiment.changed_file)
        check_data(experiment.dataset_version, experiment.split_hash)
    except ChangedFile as changed:
        return in_words(changed)
    return ""


def resume_experiment(experiment: Experiment, *, by: User | None) -> None:
    """Resume an experiment that is paused, stopped or ended. Raises: NotAllowed."""
    changed = changed_data(experiment)
    if changed:
        raise NotAllowed(changed)
    with transaction.atomic():
        current = lock_experiment(experiment.pk)
        if current.state == State.DRAFT:
            raise NotAllowed("A draft can't be resumed. Start it.")
        # A paused search whose budget was lowered meanwhile is queued: its next turn ends it.
        has_ended = current.state in (State.COMPLETED, State.FAILED, State.STOPPED)
        ended = budget.verdict(current, fresh_start=True) if has_ended else None
        if ended is not None:
            raise NotAllowed(f"{ended.reason} Raise the budget to continue.")
        _queue(experiment, "experiment.resumed", "Resumed the experiment", by)
        _resume_baselines(experiment, by)


def _resume_baselines(search: Experiment, by: User | None) -> None:
    """Those that were paused or stopped; a stopped one's trial is queued again."""
    for run in _baselines(search, State.STOPPING, State.STOPPED, State.PAUSING, State.PAUSED):
        if run.state == State.STOPPING:
            raise NotAllowed("A baseline is still stopping. Resume when it has stopped.")
        if run.state == State.STOPPED:
            for trial in run.trials.filter(state=Trial.State.STOPPED):
                requeue_trial(trial, by=by)
        else:
            resume_experiment(run, by=by)


def _baselines(search: Experiment, *states: State) -> list[Experiment]:
    return list(search.follow_ups.filter(purpose=Purpose.BASELINE, state__in=states))


def _queue(experiment: Experiment, verb: str, text: str, by: User | None) -> None:
    move_or_refuse(experiment, State.QUEUED, verb.split(".")[1], ended=None)
    activity.record(verb, text, experiment=experiment, user=by)
    request_turns(experiment.pk, experiment.parallel)


def pause_experiment(experiment: Experiment, *, by: User | None) -> None:
    """Running trials write a checkpoint at their next epoch and wait. Raises NotAllowed."""
    with transaction.atomic():
        lock_experiment(experiment.pk)
        move_or_refuse(experiment, State.PAUSING, "paused")
        activity.record("experiment.pausing", "Requested a pause", experiment=experiment, user=by)
        apply_request(experiment.pk)
        for run in _baselines(experiment, *Experiment.TURNING):
            pause_experiment(run, by=by)
    experiment.refresh_from_db()


def stop_experiment(experiment: Experiment, *, by: User | None) -> None:
    """Running trials end at their next epoch; nothing new begins. Raises NotAllowed."""
    with transaction.atomic():
        lock_experiment(experiment.pk)
        move_or_refuse(experiment, State.STOPPING, "stopped")
        activity.record("experiment.stopping", "Requested a stop", experiment=experiment, user=by)
        apply_request(experiment.pk)
        _stop_baselines(experiment, by)
    experiment.refresh_from_db()


def _stop_baselines(search: Experiment, by: User | None) -> None:
    for run in _baselines(search, *Experiment.TURNING, State.PAUSING, State.PAUSED):
        stop_experiment(run, by=by)


def archive_experiment(experiment: Experiment, *, by: User) -> None:
    """Put the experiment out of the lists; nothing is deleted. Raises NotAllowed while it runs."""
    with transaction.atomic():
        current = lock_experiment(experiment.pk)
        if current.state in Experiment.ACTIVE:
            raise NotAllowed("Stop the experiment before you archive it.")
        if Experiment.objects.filter(pk=experiment.pk, archived=None).update(archived=Now()):
            activity.next_event(experiment.pk)
            activity.record(
                "experiment.archived", "Archived the experiment", experiment=experiment, user=by
            )
            _stop_baselines(experiment, by)
            experiment.follow_ups.filter(purpose=Purpose.BASELINE).update(archived=Now())
    experiment.refresh_from_db()


def restore_experiment(experiment: Experiment, *, by: User) -> None:
    """Restore an archived experiment."""
    with transaction.atomic():
        lock_experiment(experiment.pk)
        if Experiment.objects.filter(pk=experiment.pk, archived__isnull=False).update(
            archived=None
        ):
            activity.next_event(experiment.pk)
            activity.record(
                "experiment.restored", "Restored the experiment", experiment=experiment, user=by
            )
            experiment.follow_ups.filter(purpose=Purpose.BASELINE).update(archived=None)
    experiment.refresh_from_db()


def mark_running(experiment: Experiment) -> bool:
    """Queued → running when its first turn begins; the running period starts here."""
    with transaction.atomic():
        return move(
            experiment,
            State.RUNNING,
            started=Coalesce("started", Now()),
            resumed=Coalesce("resumed", Now()),
        )
