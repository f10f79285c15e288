"""Really trained trials, and their bundles run as programs: for the tests of bundles."""

import io
import json
import subprocess
import venv
import zipfile
from dataclasses import replace
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
from packaging.requirements import Requirement

from experiments import storage
from experiments.catalog.registry import template_of
from experiments.data_schema import Column, DataSchema
from experiments.ingest.prepared import Prepared, write_prepared
from experiments.models import Dataset, DatasetVersion, Experiment, Project, Trial
from experiments.plan import Budget, default_plan
from experiments.services.experiments.lifecycle import create_experiment, start_experiment
from experiments.training.fit import ReduceLROnPlateau
from experiments.training.schedule import Schedule
from experiments.tuner.turn import take_turn
from tests.searches import SCHEMA as DIGITS
from tests.searches import make_seat

FLATS = DataSchema(
    kind="table",
    task="regression",
    shape=(2, 2),
    target="price",
    columns=(
        Column("area, m²", "number"),
        Column("city", "category", ("Oslo", "Rom")),
        Column("rooms", "number"),
        Column("garden", "category", ("false", "true")),
    ),
    rows=200,
)
RATES = {  # what reproduces a model must follow them
    "image": {"reduce_lr": ReduceLROnPlateau(factor=0.5, patience=0, min_delta=10)},
    "table": {"schedule": Schedule("one_cycle")},
}


def digits() -> Prepared:
    from sklearn.datasets import load_digits

    found = load_digits()
    arrays = {
        "x": found.images[: DIGITS.rows, :, :, None].astype("uint8"),
        "y": found.target[: DIGITS.rows].astype("int64"),
    }
    return Prepared(DIGITS, arrays)


def flats() -> Prepared:
    rng = np.random.default_rng(2)
    numbers = rng.normal(80, 20, (FLATS.rows, 2)).astype("float32")
    numbers[::7, 1] = np.nan
    categories = rng.integers(-1, 2, (FLATS.rows, 2)).astype("int32")
    prices = 1000 * numbers[:, 0] + 5000 * categories[:, 0]
    arrays = {"numbers": numbers, "categories": categories, "y": prices.astype("float32")}
    return Prepared(FLATS, arrays)


def version_of(prepared: Prepared, slug: str) -> DatasetVersion:
    digest = write_prepared(prepared, storage.data_dir() / "datasets")
    dataset = Dataset.objects.create(slug=slug, name=slug.title(), licence="CC BY 4.0")
    return DatasetVersion.objects.create(
        dataset=dataset,
        number=1,
        state=DatasetVersion.State.READY,
        digest=digest,
        task=prepared.schema.task,
        rows=prepared.schema.rows,
        schema=prepared.schema.to_dict(),
        profile=prepared.profile,
    )


def train(project: Project, prepared: Prepared, model: str, pool, *, repeats: int = 2) -> Trial:
    """One trial of three epochs and three learning rates, trained by a real child."""
    version = version_of(prepared, model)
    plan = default_plan(prepared.schema, template_of(model), version.pk, f"Search of {model}")
    space = plan.space.to_dict()
    for row in space["hyperparameters"]:
        if row["name"] == "epochs":
            row.update(type="fixed", value=3, default=3)
    plan = replace(
        plan,
        space=type(plan.space).from_dict(space),
        protocol=replace(plan.protocol, kind="holdout", repeats=repeats),
        budget=Budget(max_trials=1),
        fit=replace(plan.fit, **RATES.get(prepared.schema.kind, {})),
    )
    experiment = create_experiment(project, plan, by=None)
    start_experiment(experiment, by=None)
    take_turn(experiment.pk, make_seat(pool))
    trial = Experiment.objects.get(pk=experiment.pk).trials.get()
    assert trial.state == Trial.State.COMPLETED, trial.failure_message
    return trial


def unzip(path: Path, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as bundle:
        assert bundle.testzip() is None
        bundle.extractall(folder)
    return folder


def clean_venv(folder: Path, requirements: Path) -> Path:
    """Make a virtual environment that holds a bundle's requirements and what these require.

    Nothing is downloaded: the packages are links to the ones installed here. Returns: its Python.
    """
    venv.create(folder, symlinks=True)
    packages = next(folder.glob("lib/python*/site-packages"))
    wanted = [Requirement(line) for line in requirements.read_text().splitlines()]
    seen: set[str] = set()
    while wanted:
        requirement = wanted.pop()
        if requirement.name in seen or (requirement.marker and not requirement.marker.evaluate()):
            continue
        seen.add(requirement.name)
        found = distribution(requirement.name)
        assert requirement.specifier.contains(found.version), requirement
        for top in {path.parts[0] for path in found.files or ()} - {"..", "__pycache__"}:
            if not (packages / top).exists():
                (packages / top).symlink_to(found.locate_file(top))
        wanted += [Requirement(line) for line in found.requires or ()]
    return folder / "bin" / "python"


def run(python: Path, program: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a program of a bundle in isolation, from another folder."""
    home = program.parent.parent
    return subprocess.run(
        [python, "-I", program, *map(str, arguments)],
        cwd=home,
        env={"PATH": "/usr/bin:/bin", "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def read_json(folder: Path, name: str):
    return json.loads((folder / name).read_text())
