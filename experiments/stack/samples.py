"""Sample content of a new site: datasets, a project, an experiment."""

from dataclasses import replace

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import transaction

from experiments.catalog.registry import CATALOG
from experiments.data_schema import DataSchema
from experiments.ingest.built_in import BUILT_IN, SAMPLES
from experiments.ingest.errors import DataRefused
from experiments.models import DatasetVersion, Experiment, Project
from experiments.plan import default_plan
from experiments.search.budget import Budget
from experiments.services.datasets.built_in import load_built_in
from experiments.services.experiments.baselines import start_search
from experiments.services.experiments.lifecycle import create_experiment
from experiments.services.site.projects import create_project
from experiments.stack.progress import StartRefused, step

FIRST_PROJECT = "First steps"
FIRST_EXPERIMENT = "Digits, a first search"
FIRST_DATA = "digits"
FIRST_MODEL = "image-mlp"


def load_samples() -> None:
    """Load each dataset that isn't there; a missing source stops nothing."""
    for name in SAMPLES:
        if DatasetVersion.objects.filter(
            dataset__built_in=name, state=DatasetVersion.State.READY
        ).exists():
            continue
        with step(f"Dataset {BUILT_IN[name].name}") as outcome:
            try:
                version = load_built_in(name)
                outcome.append(f"{version.rows + version.test_rows:,} rows")
            except DataRefused as refusal:
                outcome.append(f"missing: {refusal}")


def begin_first_project() -> Experiment | None:
    """A project and a running search in it, where the site has no project at all."""
    if Project.objects.exists():
        return None
    owner = _administrator()
    with transaction.atomic():  # a start that is interrupted here begins with it again
        return _first_experiment(owner)


def _first_experiment(owner: User) -> Experiment | None:
    project = create_project(FIRST_PROJECT, "Example project. Rename it as you like.", by=owner)
    version = DatasetVersion.objects.filter(
        dataset__built_in=FIRST_DATA, state=DatasetVersion.State.READY
    ).last()
    if version is None or not settings.FIRST_EXPERIMENT:
        return None
    plan = default_plan(
        DataSchema.from_dict(version.schema), CATALOG[FIRST_MODEL], version.pk, FIRST_EXPERIMENT
    )
    # One fit a trial: the first trials of a first visit end within seconds.
    protocol = replace(plan.protocol, kind="holdout")
    plan = replace(plan, protocol=protocol, budget=Budget(max_trials=12, parallel=2))
    experiment = create_experiment(project, plan, by=owner)
    start_search(experiment, by=owner)
    return experiment


def _administrator() -> User:
    owner = get_user_model().objects.filter(is_superuser=True).order_by("pk").first()
    if owner is None:
        raise StartRefused("There is no administrator. Run `manage.py createsuperuser` first.")
    return owner
