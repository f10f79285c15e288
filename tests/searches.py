"""Whole small searches for tests: a tiny dataset on disk, a plan, an experiment, a seat."""

from dataclasses import replace

from experiments import storage
from experiments.catalog.registry import CATALOG
from experiments.data_schema import DataSchema
from experiments.ingest.prepared import Prepared, write_prepared
from experiments.models import Dataset, DatasetVersion, Experiment, Project
from experiments.plan import Budget, ExperimentPlan, default_plan
from experiments.services.experiments.lifecycle import create_experiment
from experiments.tuner.turn import take_turn
from experiments.tuner.worker_context import WorkerContext
from tests.replay_pool import ReplayPool

DIGEST = "9b2231ab794efbc99339bb641b71fac02bac1582478849d269080685a1c931c0"
SCHEMA = DataSchema(
    kind="image",
    task="classification",
    shape=(8, 8, 1),
    scale=16.0,
    classes=tuple("0123456789"),
    rows=300,
)


def make_dataset(project: Project | None = None) -> DatasetVersion:
    """Digits, the first 300 rows, on disk and in the database."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    arrays = {
        "x": digits.images[: SCHEMA.rows, :, :, None].astype("uint8"),
        "y": digits.target[: SCHEMA.rows].astype("int64"),
    }
    assert write_prepared(Prepared(SCHEMA, arrays), storage.data_dir() / "datasets") == DIGEST
    dataset = Dataset.objects.create(project=project, slug="tiny", name="Tiny digits")
    return DatasetVersion.objects.create(
        dataset=dataset,
        number=1,
        state=DatasetVersion.State.READY,
        digest=DIGEST,
        task=SCHEMA.task,
        rows=SCHEMA.rows,
        schema=SCHEMA.to_dict(),
    )


def make_plan(
    version: DatasetVersion, *, repeats: int = 1, epochs: int = 3, **budget
) -> ExperimentPlan:
    """A random search over the image MLP with few epochs, on one validation part."""
    plan = default_plan(SCHEMA, CATALOG["image-mlp"], version.pk, "Digits")
    space = plan.space.to_dict()
    for row in space["hyperparameters"]:
        if row["name"] == "epochs":
            row.update(type="fixed", value=epochs, default=epochs)
    return replace(
        plan,
        space=type(plan.space).from_dict(space),
        sampler="random",
        protocol=replace(plan.protocol, kind="holdout", repeats=repeats),
        budget=Budget(**{"max_trials": 3, **budget}),
    )


def make_experiment(project: Project, **options) -> Experiment:
    """A draft that is ready to start."""
    version = DatasetVersion.objects.filter(digest=DIGEST).first() or make_dataset()
    return create_experiment(project, make_plan(version, **options), by=None)


def make_seat(pool: ReplayPool | None = None, name: str = "worker-a") -> WorkerContext:
    """A worker's seat with a pool that replays."""
    return WorkerContext(worker=name, pool=pool or ReplayPool())


def run_search(experiment, seat, *, turns=20):
    """Take turns until the search rests, as workers would."""
    for _ in range(turns):
        experiment.refresh_from_db()
        if experiment.state not in Experiment.TURNING:
            break
        take_turn(experiment.pk, seat)
    experiment.refresh_from_db()
    return experiment
