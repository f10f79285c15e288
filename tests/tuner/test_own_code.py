"""Somebody's code from its text to a settled search: read in the sandbox, trained in it, wrong in it."""

import zipfile
from dataclasses import replace

import pytest

from experiments import storage
from experiments.catalog.registry import source_for
from experiments.models import Experiment, Trial
from experiments.plan import Budget, DataFacts, ExperimentPlan
from experiments.reports.site.code_versions import CodeShelf
from experiments.services.bundles.bundles import make_bundle, request_bundle
from experiments.services.code.sandbox_status import isolation_here, isolation_words
from experiments.services.code.versions import add_code
from experiments.services.experiments.lifecycle import create_experiment, start_experiment
from experiments.training import sandbox
from experiments.tuner import code_reading
from tests.searches import SCHEMA, make_dataset, make_plan, make_seat, run_search

pytestmark = pytest.mark.training

NET = """
import keras
from kerastuner import HyperModel


class Scaled(keras.layers.Layer):
    def call(self, inputs):
        return keras.ops.cast(inputs, "float32") / 16


class Net(HyperModel):
    def __init__(self, num_classes):
        super().__init__()
        self.num_classes = num_classes

    def build(self, hp):
        model = keras.Sequential([Scaled(), keras.layers.Flatten()])
        model.add(keras.layers.Dense(hp.Int("units", 8, 16, step=8), activation="relu"))
        if hp.Boolean("drop", default=True):
            model.add(keras.layers.Dropout(hp.Float("mlp/rate", 0.1, 0.3, step=0.1)))
        model.add(keras.layers.Dense(self.num_classes, activation="softmax"))
        rate = hp.Choice("learning_rate", [1e-2, 1e-3])
        model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model
"""


@pytest.fixture
def own_reader():
    """As a process has it: its sandbox is made when it first reads."""
    yield
    for pool in code_reading._pools:
        pool.close()
    code_reading._pools.clear()


def plan_for(version, dataset, project):
    own = make_plan(dataset, epochs=2, max_trials=3).to_dict()
    rows = [
        row for row in own["space"]["hyperparameters"] if row["name"] in ("epochs", "batch_size")
    ]
    own |= {"model": "code", "layers": [{"version": version.pk}], "baselines": False}
    own["space"] = {"hyperparameters": [*version.reading["rows"], *rows], "constraints": []}
    return ExperimentPlan.from_dict(own, DataFacts(SCHEMA, (), CodeShelf(project.pk)))


def test_code_is_read_then_searched_with_curves_and_models(
    project, author, queues, reader, worker_pool
):
    dataset = make_dataset(project)
    version = add_code(project, "Net", NET, by=author)
    code_reading.read_code(version.pk)
    version.refresh_from_db()
    assert version.reading["state"] == "read", version.reading
    rows = {row["name"]: row for row in version.reading["rows"]}
    assert list(rows) == ["units", "drop", "mlp_rate", "learning_rate"]
    assert rows["mlp_rate"]["only_if"] == {"name": "drop", "values": [True]}
    assert version.reading["names"]["mlp_rate"] == "mlp/rate"

    experiment = create_experiment(project, plan_for(version, dataset, project), by=author)
    start_experiment(experiment, by=author)
    run_search(experiment, make_seat(worker_pool))
    assert experiment.state == Experiment.State.COMPLETED
    for trial in experiment.trials.all():
        assert trial.state == Trial.State.COMPLETED, trial.failure_message
        execution = trial.executions.get()
        assert len(execution.history["val_accuracy"]) == 2
        assert execution.artifacts.filter(kind="model").exists()
        assert "drop" in trial.values and ("mlp_rate" in trial.values) == trial.values["drop"]
    bundle = request_bundle(trial)
    make_bundle(trial.pk)
    bundle = request_bundle(trial)
    assert (bundle.state, bundle.message) == ("ready", "")
    assert bundle.artifact.self_test["passed"]
    with zipfile.ZipFile(storage.absolute(bundle.artifact.path)) as packed:
        assert {"model.keras", "model_code.py", "kerastuner.py"} <= set(packed.namelist())
        assert packed.read("model_code.py").decode().startswith(NET.rstrip())


def missing(monkeypatch):
    monkeypatch.setattr(sandbox, "find_program", lambda: "")
    sandbox.probe.cache_clear()


@pytest.mark.parametrize(
    "value", ["required", pytest.param("auto", marks=pytest.mark.thorough), "off"]
)
def test_each_value_of_sandbox_does_as_it_says_where_there_is_none(
    project, author, queues, own_reader, settings, monkeypatch, value
):
    settings.SANDBOX = value
    missing(monkeypatch)
    version = add_code(project, "Net", NET, by=author)
    code_reading.read_code(version.pk)
    version.refresh_from_db()
    words = isolation_words(isolation_here())
    sandbox.probe.cache_clear()
    if value == "required":
        assert version.reading["state"] == "failed" and words == "refused"
        assert "can't be isolated here" in version.reading["problem"]
    else:
        assert version.reading["state"] == "read", version.reading
        assert words == "not isolated"


def test_off_isolates_nothing_and_auto_what_it_can(settings):
    settings.SANDBOX = "off"
    assert isolation_words(isolation_here()) == "not isolated"
    settings.SANDBOX = "auto"
    assert isolation_words(isolation_here()).startswith("isolated")


def test_what_is_wrong_with_code_is_kept_with_its_line(project, author, queues, reader):
    for name, source, words, line in (
        ("None", "def build(hp):\n    hp.Int('a', 1, 4)\n", "returned nothing", 1),
        ("Nothing", "x = 1\n", "defines no model", 1),
        ("Raises", "x = 1\n\nraise ValueError('no data')\n", "ValueError: no data", 3),
        ("Leaves", "import sys\nsys.exit(1)\n", "exited the program", 2),
        ("Arguments", "class A:\n    def __init__(self, w):\n        pass\n\n    def build(self, hp):\n        pass\n", "needs the constructor arguments w", 1),
        ("Choices", "def build(hp):\n    hp.Choice('a', [])\n", "values is empty", 2),
    ):  # fmt: skip
        version = add_code(project, name, source, by=author)
        code_reading.read_code(version.pk)
        version.refresh_from_db()
        assert version.reading["state"] == "failed", name
        assert words in version.reading["problem"], (name, version.reading)
        assert version.reading["line"] == line, (name, version.reading)
        assert not version.layers


def refused(project, author, dataset, body, **plan):
    source = f"import keras\n\n\ndef build(hp):\n{body}    return model\n"
    version = add_code(project, f"Net {len(body)}", source, by=author)
    code_reading.read_code(version.pk)
    version.refresh_from_db()
    assert version.reading["state"] == "read", version.reading
    made = replace(plan_for(version, dataset, project), **plan)
    experiment = create_experiment(project, replace(made, budget=Budget(max_trials=1)), by=author)
    start_experiment(experiment, by=author)
    return experiment


def test_a_model_that_does_not_fit_says_what_to_write(
    project, author, queues, reader, worker_pool
):
    dataset = make_dataset(project)
    head = "    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense({})])\n"
    compiled = "    model.compile('adam', {!r}, metrics={!r})\n"
    sparse = "sparse_categorical_crossentropy"
    tried = {
        "End the model with Dense(10": head.format(7) + compiled.format(sparse, ["accuracy"]),
        "Use sparse_categorical_crossentropy": head.format(10)
        + compiled.format("categorical_crossentropy", ["accuracy"]),
        "isn't compiled with accuracy": head.format(10) + compiled.format(sparse, []),
        "doesn't accept a row of this data (8 × 8 × 1)": head.format(10).replace(
            "keras.layers.Flatten()", "keras.Input((5,))"
        )
        + compiled.format(sparse, ["accuracy"]),
    }
    seat = make_seat(worker_pool)
    for words, body in tried.items():
        experiment = refused(project, author, dataset, body)
        run_search(experiment, seat)
        trial = experiment.trials.get()
        assert (trial.state, trial.failure_kind) == ("failed", "user_code"), trial.state
        assert words in trial.failure_message


def test_a_script_that_stops_is_used_up_to_its_data(project, author, queues, reader):
    """A class, data, and a search that this site doesn't know."""
    script = (
        NET
        + """
(x, y), _ = keras.datasets.mnist.load_data()
tuner = OurOwnSearch(Net(10), objective="val_accuracy", max_trials=3)
tuner.search(x, y, epochs=3)
print(tuner.get_best_hyperparameters()[0])
"""
    )
    version = add_code(project, "Script", script, by=author)
    code_reading.read_code(version.pk)
    version.refresh_from_db()
    cut = NET.count("\n") + 2
    assert version.reading["state"] == "read", version.reading
    assert version.reading["cut"] == cut
    assert "OurOwnSearch" in version.reading["notes"][0]
    assert f"up to line {cut - 1}: line {cut + 1}" in version.reading["notes"][1]
    assert len(version.reading["rows"]) == 4
    source = source_for("code", version.layers, {"epochs": 1, "batch_size": 8}, SCHEMA)
    assert "# (x, y), _ = keras.datasets" in source and "def build_model():" in source
    compile(source, "model.py", "exec")
