"""Checks bad and healthy set-ups with *Check first*, through real queue, workers and sandbox, and prints what was said.

A program of its own, since DATA_DIR is read with the settings:
`python -m benchmarks.evaluation.setups_side FOLDER [NAME …]`. Prints a line of JSON for each set-up.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psutil

from benchmarks.evaluation.preflight_side import checked
from benchmarks.installation import running_stack, set_up
from benchmarks.programs import cpu_seconds

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from experiments.models import HyperModelVersion, Project
    from experiments.plan import ExperimentPlan
    from experiments.stack.supervisor import Supervisor

SLOTS: Final = 2
LONGEST: Final = 120.0
MEMORY: Final = 3 * 10**9  # bytes that a trial may use
IMAGES: Final = """import keras
from keras import layers

def build(hp):
    model = keras.Sequential([
        keras.Input((8, 8, 1)),
        layers.Rescaling(1 / 16),
        {shape}
        layers.Dense(hp.Int("units", 16, 64), activation="relu"),
        layers.Dense({last}),
    ])
    model.compile(keras.optimizers.Adam(hp.Float("learning_rate", 1e-4, 1e-2, sampling="log")),
                  {loss}, metrics=["accuracy"])
    return model
"""
TABLE: Final = """import keras
from keras import layers

def build(hp):
    numbers = keras.Input(({columns},), name="numbers")
    hidden = layers.Dense(hp.Int("units", 8, 64), activation="relu")(layers.BatchNormalization()(numbers))
    model = keras.Model({{"numbers": numbers}}, layers.Dense({last})(hidden))
    model.compile("adam", "{loss}", metrics=[{metric}])
    return model
"""
SPARSE: Final = '"sparse_categorical_crossentropy"'
LOGITS: Final = "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"
RMSE: Final = 'keras.metrics.RootMeanSquaredError(name="rmse")'
SOFTMAX: Final = '10, activation="softmax"'


@dataclass(frozen=True, slots=True)
class Setup:
    """A set-up: a template or code on a dataset, and what its plan has other than the form's defaults.

    source: of code. expected: words of the problem; "": the set-up is healthy. values: rows of the space that are changed.
    """

    data: str
    model: str = "code"
    source: str = ""
    expected: str = ""
    protocol: dict[str, Any] = field(default_factory=dict)
    budget: dict[str, Any] = field(default_factory=dict)
    space: dict[str, dict[str, Any]] = field(default_factory=dict)


def image_code(last: str, loss: str, *, shape: str = "layers.Flatten(),") -> str:
    """A model of images as code."""
    return IMAGES.format(last=last, loss=loss, shape=shape)


def table_code(columns: int, last: str, loss: str, metric: str = '"accuracy"') -> str:
    """A model of a table as code."""
    return TABLE.format(columns=columns, last=last, loss=loss, metric=metric)


BAD: Final = {
    "softmax missing": Setup(
        "digits", source=image_code("10", SPARSE), expected="expects probabilities"
    ),
    "softmax doubled": Setup(
        "digits", source=image_code(SOFTMAX, LOGITS), expected="softmax is applied twice"
    ),
    "sigmoid missing": Setup(
        "breast_cancer",
        source=table_code(30, "1", "binary_crossentropy"),
        expected="expects probabilities",
    ),
    "too few units": Setup(
        "iris",
        source=table_code(4, '2, activation="softmax"', "sparse_categorical_crossentropy"),
        expected="this data has 3 classes",
    ),
    "an axis too many": Setup(
        "digits", source=image_code(SOFTMAX, SPARSE, shape=""), expected="this data has 10 classes"
    ),
    "regression loss": Setup(
        "digits", source=image_code(SOFTMAX, '"mse"'), expected="the class index itself"
    ),
    "sigmoid for a number": Setup(
        "diabetes",
        source=table_code(10, '1, activation="sigmoid"', "mse", RMSE),
        expected="can't be reached",
    ),
    "images diverge": Setup(
        "digits",
        "image-mlp",
        expected="the loss went from",
        space={"learning_rate": {"choices": [30.0, 1e-3], "default": 1e-3}},
    ),
    "a table diverges": Setup(
        "wine",
        "table-mlp",
        expected="the loss went from",
        space={"learning_rate": {"max": 50.0}},
    ),
    "a class is missing": Setup(
        "iris",
        "table-mlp",
        expected="no validation rows of",
        protocol={"kind": "k_fold", "folds": 20, "respecting": "none", "locked_test_share": 0.5},
    ),
    "memory": Setup(
        "house_prices", "table-mlp", expected="than the limit", space={"units": {"max": 12_000}}
    ),
    "time": Setup(
        "digits",
        "cnn",
        expected="but the search may run for",
        budget={"max_trials": 500, "max_seconds": 120},
    ),
}
DATA: Final = (
    "digits",
    "mnist",
    "iris",
    "wine",
    "breast_cancer",
    "diabetes",
    "house_prices",
)
HEALTHY_CODE: Final = {
    "code, softmax": Setup("digits", source=image_code(SOFTMAX, SPARSE)),
    "code, logits": Setup("digits", source=image_code("10", LOGITS)),
    "code, sigmoid": Setup(
        "breast_cancer",
        source=table_code(30, '1, activation="sigmoid"', "binary_crossentropy"),
    ),
    "code, a number": Setup("diabetes", source=table_code(10, "1", "mse", RMSE)),
}


def healthy() -> dict[str, Setup]:
    """Every template on every dataset that is there from the start and that it takes, and healthy code."""
    from experiments.catalog.registry import CATALOG
    from experiments.data_schema import DataSchema
    from experiments.services.datasets.built_in import load_built_in

    found = dict(HEALTHY_CODE)
    for data in DATA:
        schema = DataSchema.from_dict(load_built_in(data).schema)
        for slug, template in CATALOG.items():
            if not template.refuses(schema):
                found[f"{slug} on {data}"] = Setup(data, slug)
    return found


def plan_of(setup: Setup, name: str, code: "HyperModelVersion | None") -> "ExperimentPlan":
    """The form's defaults for this data and model, with what the set-up changes."""
    from experiments.catalog.registry import template_of
    from experiments.data_schema import DataSchema
    from experiments.plan import default_plan
    from experiments.reports.site.code_versions import CodeShelf
    from experiments.search.space.space import Space
    from experiments.services.datasets.built_in import load_built_in

    version = load_built_in(setup.data)
    layers = () if code is None else (dict(CodeShelf(code.hypermodel.project_id)[code.pk]),)
    plan = default_plan(
        DataSchema.from_dict(version.schema), template_of(setup.model, layers), version.pk, name
    )
    space = plan.space.to_dict()
    for row in space["hyperparameters"]:
        row.update(setup.space.get(row["name"], {}))
    return replace(
        plan,
        layers=layers,
        space=Space.from_dict(space),
        protocol=replace(plan.protocol, **setup.protocol),
        budget=replace(plan.budget, **setup.budget),
    )


def code_of(
    setup: Setup, name: str, project: "Project", user: "User", supervisor: "Supervisor"
) -> "HyperModelVersion | None":
    """The set-up's code, read in the sandbox; None of a template."""
    from experiments.services.code.versions import add_code

    if not setup.source:
        return None
    version = add_code(project, name, setup.source, by=user)

    def is_read() -> bool:
        version.refresh_from_db()
        return bool(version.reading["state"] != "waiting")

    supervisor.wait(is_read, timeout_seconds=LONGEST)
    if version.reading["state"] != "read":
        raise RuntimeError(f"{name}: {version.reading}")
    return version


def run(
    setup: Setup, name: str, supervisor: "Supervisor", user: "User", project: "Project"
) -> dict[str, Any]:
    """What the check says of a set-up."""
    code = code_of(setup, name, project, user, supervisor)
    tree = psutil.Process()
    before = cpu_seconds(tree)
    preflight = checked(supervisor, project, plan_of(setup, name, code), user)
    found = preflight.result.get("checks", ())
    said = [each["words"] for each in found if each["result"] == "found"]
    said += [
        line["message"] for line in preflight.result.get("lines", ()) if line["kind"] == "fails"
    ]
    return {
        "setup": name,
        "kind": setup.model,
        "data": setup.data,
        "expected": setup.expected,
        "state": preflight.state,
        "said": list(dict.fromkeys(said)) or ([preflight.message] if preflight.message else []),
        "unchecked": [each["name"] for each in found if each["result"] == "not_checked"],
        "seconds": preflight.result.get("seconds"),
        "cpu_seconds": round(cpu_seconds(tree) - before, 1),
    }


def measure(folder: Path, names: list[str]) -> Iterator[dict[str, Any]]:
    """Start the stack once and check each set-up."""
    from django.contrib.auth.models import User

    from experiments.services.site.projects import create_project

    user = User.objects.create_superuser("bench")
    project = create_project("Bench", "", by=user)
    setups = {**BAD, **healthy()}
    with running_stack(folder / "data", SLOTS) as supervisor:
        for name in names or list(setups):
            yield run(setups[name], name, supervisor, user, project)


def main() -> None:
    """Read the arguments, measure, print."""
    folder, names = Path(sys.argv[1]), sys.argv[2:]
    set_up(folder / "data", slots=SLOTS, TRIAL_MEMORY_BYTES=str(MEMORY))
    for found in measure(folder, names):
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
