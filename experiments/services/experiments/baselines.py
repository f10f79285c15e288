"""Baselines that run before a search: a linear model and the default configuration.

Each is a run of its own that nothing prunes, races or promotes (decision 0045), on the search's folds.
A constant prediction needs no training: `reports/winner/baselines.py` has it.
"""

from dataclasses import replace
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction

from experiments.catalog.linear import TEMPLATE as LINEAR
from experiments.data_schema import DataSchema
from experiments.models import Experiment, HyperModelVersion, Purpose
from experiments.search.space.space import Space
from experiments.services.experiments.follow_ups import Run, follow
from experiments.services.experiments.hypermodels import hypermodel_version
from experiments.services.experiments.lifecycle import start_experiment
from experiments.services.experiments.states import lock_experiment
from experiments.services.trials.lifecycle import Proposal
from experiments.training.fit import Fit

LINEAR_PATIENCE: Final = 10
MOST: Final = 2  # that are trained for a search


def start_search(search: Experiment, *, by: User | None) -> None:
    """Start a search, its baselines first where its plan has them. Raises NotAllowed."""
    with transaction.atomic():
        if search.state == Experiment.State.DRAFT and search.plan.get("baselines", True):
            start_baselines(search, by=by)
        start_experiment(search, by=by)


def start_late_linear_model(search_pk: int) -> None:
    """Start the linear model once the code's rows are known to be those of the form's dataset."""
    search = Experiment.objects.select_related("dataset_version", "hypermodel_version").get(
        pk=search_pk
    )
    if search.purpose != Purpose.SEARCH or not search.plan.get("baselines", True):
        return
    with transaction.atomic():
        # Trials of several workers see their rows at once; one that is being stopped starts nothing.
        if lock_experiment(search.pk).state in Experiment.TURNING:
            _start(search, _linear_model(search), by=search.created_by)


def start_baselines(search: Experiment, *, by: User | None) -> list[Experiment]:
    """Start the trained baselines that the search hasn't got yet, on its own parts and seeds."""
    return _start(search, [*_linear_model(search), *_defaults(search)], by=by)


def _start(search: Experiment, runs: list[Run], *, by: User | None) -> list[Experiment]:
    known = {*search.follow_ups.filter(purpose=Purpose.BASELINE).values_list("name", flat=True)}
    return [
        follow(search, run, f"Baseline: {run.name}", by) for run in runs if run.name not in known
    ]


def _linear_model(search: Experiment) -> list[Run]:
    """Over the form's dataset: none beside code that trains, or may train, on other rows."""
    schema = DataSchema.from_dict(search.dataset_version.schema)
    is_linear = search.hypermodel_version.hypermodel.slug == LINEAR.slug
    if not search.training_data.is_form or LINEAR.refuses(schema) or is_linear:
        return []
    owner = search.created_by
    version = hypermodel_version(search.project, LINEAR.slug, LINEAR.name, [], by=owner)
    space = Space.from_dict(LINEAR.default_space(schema))
    run = _run(search, f"Linear model for {search.name}", version, space)
    return [replace(run, fit=_patient(run.fit))]


def _defaults(search: Experiment) -> list[Run]:
    space = Space.from_dict(search.space_versions.order_by("-number")[0].space)
    if not space.meets(space.defaults()):
        return []
    own = search.hypermodel_version
    return [_run(search, f"Default configuration for {search.name}", own, space)]


def _patient(fit: Fit) -> Fit:
    """The search's fit, with time for a linear model to reach what it can.

    A linear model that stopped too early would be no baseline. The baseline value of the search's
    early stopping is for its own models.
    """
    if fit.early_stopping_patience is None:
        return fit
    patience = max(LINEAR_PATIENCE, fit.early_stopping_patience)
    return replace(
        fit,
        early_stopping_patience=patience,
        early_stopping_min_delta=0.0,
        early_stopping_baseline=None,
        early_stopping_start_from_epoch=0,
    )


def _run(search: Experiment, name: str, version: HyperModelVersion, space: Space) -> Run:
    values = space.canonical(space.defaults())
    proposal = Proposal(
        number=0,
        space_version=0,
        values=values,
        values_key=space.key(values),
        why="A baseline for the search.",
        kind="baseline",
        origin="follow-up",
    )
    return Run(
        purpose=Purpose.BASELINE,
        name=name[:120],
        protocol=replace(search.protocol, racing=False),
        fit=search.fit,
        split_hash=search.split_hash,
        seed=search.seed,
        trials=(proposal,),
        hypermodel=version,
        space=space.to_dict(),
        changes={"more_objectives": []},
    )
