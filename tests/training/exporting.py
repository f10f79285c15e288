"""Runs in a child that holds TensorFlow: builds a model from its source, and exports it in every format."""

import tempfile
import types
from pathlib import Path

import keras
import numpy as np

from experiments.data_schema import DataSchema
from experiments.training.child.export import written
from experiments.training.child.export_formats import FORMATS, Inference

ROWS = 8


def inputs_for(schema: DataSchema) -> object:
    """Rows with a missing number, a missing category, no known word and a picture's whole range."""
    rng = np.random.default_rng(3)
    if schema.kind == "text":
        words = rng.integers(1, schema.vocabulary, (ROWS, *schema.shape)).astype("int32")
        words[0] = 0
        words[1, 2:] = 0
        return words
    if schema.kind != "table":
        top = schema.scale if schema.kind == "image" else 5
        return rng.uniform(0, top, (ROWS, *schema.shape)).astype("float32")
    numbers = rng.normal(50.0, 9.0, (ROWS, len(schema.numbers))).astype("float32")
    numbers[0, 0] = np.nan
    categories = rng.integers(-1, 2, (ROWS, len(schema.categories))).astype("int32")
    categories[0] = -1
    return {"numbers": numbers, "categories": categories}


def exported(case: dict) -> dict:
    """What `written` returned, by format, and whether the file is there."""
    with tempfile.TemporaryDirectory() as folder:
        return exported_to(case, Path(folder))


def exported_to(case: dict, folder: Path) -> dict:
    schema = DataSchema.from_dict(case["schema"])
    inputs = inputs_for(schema)
    room = types.ModuleType("model_code")
    exec(compile(case["source"], "model_code.py", "exec"), room.__dict__)
    keras.utils.set_random_seed(7)
    given = {"targets": np.linspace(900, 1100, ROWS)} if schema.task == "regression" else {}
    model = room.build_model(adapt=inputs, **given)
    tensors = keras.tree.map_structure(keras.ops.convert_to_tensor, inputs)
    expected = np.asarray(model(tensors, training=False))
    inference = Inference.of(model, schema)
    rows = inference.rows(inputs)
    return {
        form.name: written(form, inference, folder / form.name, rows, expected)
        | {"exists": (folder / form.name).exists()}
        for form in FORMATS
    }
