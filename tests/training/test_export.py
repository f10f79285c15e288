"""Every template in every format: each file is run and predicts what the model does."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.catalog.registry import CATALOG, source_for
from experiments.training.environment import child_environment
from tests.catalog.schemas import SCHEMAS

PROGRAM = Path(__file__).with_name("export_program.py")
FORMATS = ("saved_model", "model.tflite", "model.onnx")
# Each template once with every layer of its own, and each way into a model: pictures divided,
# arrays and columns normalized, categories one-hot and embedded, targets scaled.
CASES = {
    "image-mlp": "digits",
    "cnn": "colour pictures",
    "deep-cnn": "deep array",
    "table-mlp": "mixed table",
    "wide-deep": "table regression",
    "residual-mlp": "mixed table",
    "text": "texts",
    "linear": "mixed table",
}
ELSEWHERE = {
    "multi-task"
}  # tests/services/experiments/test_several_targets.py, from a trial to its bundle
CHANGED = {"deep-cnn": {"flip": True, "rotation": 0.1, "translation": 0.1}}
# Eigenvalues: an operation that neither converter knows.
STRANGE = """import keras
from keras import layers


class Eigen(layers.Layer):
    def call(self, inputs):
        square = keras.ops.matmul(inputs[:, :, None], inputs[:, None, :])
        return keras.ops.eigh(square)[0][:, -1:]


def build_model(adapt=None):
    model = keras.Sequential([keras.Input((13,)), Eigen(), layers.Dense(3)])
    model.compile("adam", "mse")
    return model
"""


def case_of(slug: str, schema_name: str) -> dict:
    schema = SCHEMAS[schema_name]
    rows = CATALOG[slug].hyperparameters(schema)
    values = {row.name: row.default for row in rows} | CHANGED.get(slug, {})
    return {"source": source_for(slug, (), values, schema), "schema": schema.to_dict()}


@pytest.fixture(scope="module")
def exported():
    cases = {slug: case_of(slug, name) for slug, name in CASES.items()}
    cases["strange"] = {"source": STRANGE, "schema": SCHEMAS["array"].to_dict()}
    done = subprocess.run(
        [sys.executable, PROGRAM],
        input=json.dumps(cases),
        env=child_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def test_every_template_is_tried():
    assert set(CASES) | ELSEWHERE == set(CATALOG)


@pytest.mark.training
@pytest.mark.parametrize("slug", CASES)
@pytest.mark.parametrize("name", FORMATS)
def test_a_template_predicts_alike_in_every_format(exported, slug, name):
    found = exported[slug][name]
    assert "why_not" not in found, found
    assert found["exists"] and found["difference"] <= 1e-5


@pytest.mark.training
def test_what_cannot_be_converted_is_left_out_with_the_reason(exported):
    found = exported["strange"]
    assert found["saved_model"]["difference"] <= 1e-5
    for name, converter in (("model.tflite", "TensorFlow Lite"), ("model.onnx", "tf2onnx")):
        assert not found[name]["exists"]
        assert found[name]["why_not"].startswith(f"{converter} can't convert this model: ")
        assert found[name]["why_not"].endswith(".") and "\n" not in found[name]["why_not"]
