"""Code of several files of a repository, from its commit to a bundle that builds the model anywhere."""

import zipfile

import pytest

from experiments import storage
from experiments.jobs import fetch_code
from experiments.models import Experiment
from experiments.services.bundles.bundles import make_bundle, request_bundle
from experiments.services.code.fetches import Place, keep_code, request_code
from experiments.services.experiments.lifecycle import create_experiment, start_experiment
from experiments.tuner import code_reading
from tests.repositories import make_repository
from tests.searches import make_dataset, make_seat, run_search
from tests.tuner.test_own_code import plan_for

# Its files are put together in tests/catalog, its imports tried in tests/training/sandbox.
pytestmark = [pytest.mark.training, pytest.mark.thorough]

FILES = {
    "nets/__init__.py": "",
    "nets/layers.py": '''"""Own layers."""

import keras


class Scaled(keras.layers.Layer):
    def call(self, inputs):
        return keras.ops.cast(inputs, "float32") / 16
''',
    "nets/net.py": '''"""A net."""

import keras

from .layers import Scaled


def build(hp):
    model = keras.Sequential([Scaled(), keras.layers.Flatten()])
    model.add(keras.layers.Dense(hp.Int("units", 8, 16, step=8), activation="relu"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
''',
}


def test_a_model_of_several_files_is_searched_and_taken_home(
    project, author, queues, reader, worker_pool, settings, tmp_path
):
    settings.CODE_REPOSITORIES = (f"file://{tmp_path}/",)
    place = f"file://{make_repository(tmp_path / 'nets', FILES)}"
    asked = request_code(project, "Net", Place(place, path="nets/net.py"), by=author)
    fetch_code(asked.pk)
    asked.refresh_from_db()
    assert asked.problem == "" and "nets/layers.py" in asked.files
    version = keep_code(asked, by=author)
    code_reading.read_code(version.pk)
    version.refresh_from_db()
    assert version.reading["state"] == "read", version.reading
    assert [row["name"] for row in version.reading["rows"]] == ["units"]

    plan = plan_for(version, make_dataset(project), project)
    experiment = create_experiment(project, plan, by=author)
    start_experiment(experiment, by=author)
    run_search(experiment, make_seat(worker_pool))
    assert experiment.state == Experiment.State.COMPLETED, experiment.state_reason
    trial = experiment.trials.filter(state="completed").first()
    request_bundle(trial)
    make_bundle(trial.pk)
    bundle = request_bundle(trial)
    assert (bundle.state, bundle.message) == ("ready", "")
    assert bundle.artifact.self_test["passed"]
    with zipfile.ZipFile(storage.absolute(bundle.artifact.path)) as packed:
        assert "class Scaled(keras.layers.Layer):" in packed.read("model_code.py").decode()
