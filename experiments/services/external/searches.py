"""External searches: create, start, extend the search space."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.db import transaction

from experiments.external_plan import OPEN_OBJECTIVE, ExternalPlan, chosen_objective
from experiments.models import Experiment, Place, Project, SpaceVersion
from experiments.search.space.changes import counted_as, row_changes
from experiments.search.space.space import Space
from experiments.services.experiments.edits import release_outside
from experiments.services.experiments.lifecycle import add_first_space, start_experiment
from experiments.services.experiments.states import NotAllowed, lock_experiment
from experiments.services.external.placeholders import NO_PROTOCOL, no_data, no_model
from experiments.services.site import activity
from experiments.services.site.projects import lock_project


def create_outside(
    project: Project, plan: ExternalPlan, *, by: User | None, code: UUID | None = None
) -> Experiment:
    """A search that waits for scripts. A `code` that is taken raises IntegrityError."""
    with transaction.atomic():
        lock_project(project.pk)
        experiment = Experiment.objects.create(
            code=code or uuid4(),
            project=project,
            place=Place.ELSEWHERE,
            name=plan.name,
            notes=plan.notes,
            dataset_version=no_data(project),
            hypermodel_version=no_model(project),
            sampler=plan.sampler,
            pruner="hyperband" if plan.races else "none",
            split_hash="",
            objective=plan.objective or OPEN_OBJECTIVE,
            direction=plan.direction,
            plan=plan.to_dict()
            | {"protocol": NO_PROTOCOL.to_dict(), "budget": {"max_failures": plan.max_failures}},
            max_trials=plan.max_trials,
            parallel=plan.parallel,
            created_by=by,
        )
        add_first_space(experiment, plan, by=by)
        activity.record(
            "experiment.created",
            "Created the experiment; its trials run in external scripts",
            experiment=experiment,
            user=by,
        )
        start_experiment(experiment, by=by)
    return experiment


def named_outside(
    project: Project, plan: ExternalPlan, *, by: User | None
) -> tuple[Experiment, bool]:
    """The project's search of that name whose trials run elsewhere, made if there is none; whether it was.

    Of several the newest. Two scripts that ask at once get the same one.
    """
    with transaction.atomic():
        lock_project(project.pk)
        named = project.experiments.filter(
            name=plan.name, place=Place.ELSEWHERE, archived=None
        ).first()
        if named is not None:
            return named, False
        return create_outside(project, plan, by=by), True


def newest_space(experiment: Experiment) -> tuple[SpaceVersion, Space]:
    """The space as it stands."""
    version = experiment.space_versions.order_by("-number")[0]
    return version, Space.from_dict(version.space)


def grow_space(experiment: Experiment, reported: Space, *, by: User | None = None) -> SpaceVersion:
    """Add what `reported` has and the space lacks, by name; what is there stays as it is.

    A hyperparameter whose condition names one that neither has is left out by SpaceError. Trials
    from before count with the defaults of what is new.
    """
    with transaction.atomic():
        current = lock_experiment(experiment.pk)
        if not current.runs_elsewhere:
            raise NotAllowed(
                "Workers of this site run its trials: edit the search "
                "space on the experiment's page."
            )
        version, space = newest_space(current)
        new = [row for row in reported.hyperparameters if row.name not in space]
        rules = tuple(rule for rule in reported.constraints if rule not in space.constraints)
        if not new:
            return version
        grown = Space((*space.hyperparameters, *new), (*space.constraints, *rules))
        return new_version(current, version, grown, by=by)


def new_version(
    experiment: Experiment, last: SpaceVersion, space: Space, *, by: User | None = None
) -> SpaceVersion:
    """Another version with this space; the caller holds the experiment's lock."""
    before = Space.from_dict(last.space)
    Space.from_dict(space.to_dict())  # raises where it can't be read again
    version = SpaceVersion.objects.create(
        experiment=experiment,
        number=last.number + 1,
        space=space.to_dict(),
        counted_as=counted_as(before, space, last.counted_as),
        sampler=last.sampler,
        sampler_options=last.sampler_options,
        created_by=by,
    )
    release_outside(experiment, version, space)
    changes = row_changes(before, space)
    listed = "; ".join(f"{each.name}: {each.after}" for each in changes)
    activity.record(
        "experiment.space_told",
        f"A script reported its search space: {listed}",
        experiment=experiment,
        user=by,
        detail={"changes": [asdict(each) for each in changes]},
    )
    activity.next_event(experiment.pk)
    return version


def settle_objective(experiment: Experiment, names: Sequence[str], *, for_good: bool) -> None:
    """Where nobody chose the objective, take it from the metrics that scripts report.

    for_good: a run has ended, so that all of its metrics are known. Inside a transaction.
    """
    if experiment.plan.get("objective") != "" or not names:
        return
    objective, direction = chosen_objective(list(names))
    columns: dict[str, Any] = {"objective": objective, "direction": direction}
    if for_good:
        columns["plan"] = {**experiment.plan, **columns}
        activity.record(
            "experiment.objective_told",
            f"Objective set to {objective} ({direction}): none was chosen",
            experiment=experiment,
        )
    Experiment.objects.filter(pk=experiment.pk).update(**columns)
    experiment.refresh_from_db()
