"""Every template in every format: each file is run and predicts what the model does."""

import json

import pytest

from experiments.catalog.registry import CATALOG, source_for
from tests.catalog.schemas import SCHEMAS
from tests.training.orders import printed_by

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


# Columns normalized and categories embedded; what else a template has is thorough.
IN_THE_GATE = {"wide-deep"}


@pytest.fixture(scope="module")
def exported(training_pool, tmp_path_factory):
    """What became of each file of a case, exported once."""
    known = {}

    def exported(name, case):
        if name not in known:
            source = "import json\nfrom tests.training.exporting import exported\n"
            source += f"print('FOUND', json.dumps(exported({case!r})))\n"
            text = printed_by(training_pool, source, tmp_path_factory.mktemp("exported"))
            known[name] = json.loads(text.partition("FOUND ")[2].splitlines()[0])
        return known[name]

    return exported


def test_every_template_is_tried():
    assert set(CASES) | ELSEWHERE == set(CATALOG)


@pytest.mark.training
@pytest.mark.parametrize(
    "slug",
    [
        pytest.param(slug, marks=() if slug in IN_THE_GATE else pytest.mark.thorough)
        for slug in CASES
    ],
)
@pytest.mark.parametrize("name", FORMATS)
def test_a_template_predicts_alike_in_every_format(exported, slug, name):
    found = exported(slug, case_of(slug, CASES[slug]))[name]
    assert "why_not" not in found, found
    assert found["exists"] and found["difference"] <= 1e-5


@pytest.mark.training
def test_what_cannot_be_converted_is_left_out_with_the_reason(exported):
    schema = SCHEMAS["array"].to_dict()
    found = exported("strange", {"source": STRANGE, "schema": schema})
    assert found["saved_model"]["difference"] <= 1e-5
    for name, converter in (("model.tflite", "TensorFlow Lite"), ("model.onnx", "tf2onnx")):
        assert not found[name]["exists"]
        assert found[name]["why_not"].startswith(f"{converter} can't convert this model: ")
        assert found[name]["why_not"].endswith(".") and "\n" not in found[name]["why_not"]
