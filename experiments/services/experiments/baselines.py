"""Baselines that run before a search: a linear model and the default configuration.

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
from experiments.services.trials.lifecycle import Proposal
from experiments.training.fit import Fit

LINEAR_PATIENCE: Final = 10
# Their first trial isn't the default values, and needn't ever be.
NEVER_BEGIN_AT_DEFAULTS: Final = ("random", "grid")


def start_search(search: Experiment, *, by: User | None) -> None:
    """Start a search, its baselines first where its plan has them. Raises NotAllowed."""
    with transaction.atomic():
        if search.state == Experiment.State.DRAFT and search.plan.get("baselines", True):
            start_baselines(search, by=by)
        start_experiment(search, by=by)


def start_baselines(search: Experiment, *, by: User | None) -> list[Experiment]:
    """Start the trained baselines that the search hasn't got yet, on its own parts and seeds."""
    known = {*search.follow_ups.filter(purpose=Purpose.BASELINE).values_list("name", flat=True)}
    schema = DataSchema.from_dict(search.dataset_version.schema)
    runs = []
    own = search.hypermodel_version
    if not LINEAR.refuses(schema) and own.hypermodel.slug != LINEAR.slug:
        version = hypermodel_version(search.project, LINEAR.slug, LINEAR.name, [], by=by)
        space = Space.from_dict(LINEAR.default_space(schema))
        run = _run(search, f"Linear model for {search.name}", version, space)
        runs.append(replace(run, fit=_patient(run.fit)))
    if search.sampler in NEVER_BEGIN_AT_DEFAULTS:
        space = Space.from_dict(search.space_versions.order_by("-number")[0].space)
        if space.meets(space.defaults()):
            runs.append(_run(search, f"Default configuration for {search.name}", own, space))
    return [
        follow(search, run, f"Baseline: {run.name}", by) for run in runs if run.name not in known
    ]


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
