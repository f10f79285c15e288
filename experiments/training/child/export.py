"""A program: loads a stored model, writes it as SavedModel and predicts sample rows.

Room: training child. Usage: `python -m experiments.training.child.export ORDER.json`, where the
order names `model` (.keras), `code` (the source that built it), `schema` (schema.json), `sample`
(.npz of inputs by name) and `folder` (where saved_model/ and outputs.npy go). A model that can't
be exported ends the program with status 1 and one line on standard error.
"""

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from experiments.data_schema import DataSchema

TOLERANCE = 1e-5


class ExportProblem(Exception):
    """The exported model isn't the stored one."""


def export(order: dict[str, str]) -> None:
    """Write `saved_model/` and `outputs.npy`. Raises: ExportProblem, and what Keras raises."""
    folder = Path(order["folder"])
    schema = DataSchema.from_dict(json.loads(Path(order["schema"]).read_text()))
    run_code(Path(order["code"]))
    model = keras.models.load_model(order["model"], compile=False)
    sample = load_sample(Path(order["sample"]))
    outputs = np.asarray(model.predict(sample, verbose=0))
    archive = keras.export.ExportArchive()
    archive.track(model)
    # `model.export` leaves `training` open, and augmentation layers then take it as True.
    archive.add_endpoint(
        name="serve",
        fn=lambda rows: model(rows, training=False),
        input_signature=[signature(schema)],
    )
    archive.write_out(str(folder / "saved_model"), verbose=False)
    # Without a reference its variables would be gone at the first call.
    loaded = tf.saved_model.load(str(folder / "saved_model"))
    exported = np.asarray(loaded.serve(keras.tree.map_structure(as_tensor, sample)))
    difference = float(np.abs(exported - outputs).max())
    if not difference <= TOLERANCE * max(1.0, float(np.abs(outputs).max())):
        raise ExportProblem(f"The SavedModel's predictions are off by {difference:.2g}.")
    np.save(folder / "outputs.npy", outputs, allow_pickle=False)


def run_code(path: Path) -> None:
    """Execute the model's source, so that its own classes are registered."""
    spec = importlib.util.spec_from_file_location("model_code", path)
    if spec is None or spec.loader is None:
        raise ExportProblem("The model's source can't be read.")
    module = importlib.util.module_from_spec(spec)
    sys.modules["model_code"] = module
    spec.loader.exec_module(module)


def load_sample(path: Path) -> Any:
    """Read the sample rows: one array, or a table's dict."""
    with np.load(path, allow_pickle=False) as arrays:
        found = {name: arrays[name] for name in arrays.files}
    return found.get("x", found)


def signature(schema: DataSchema) -> Any:
    """Return what the SavedModel's `serve` takes: any number of rows."""
    if schema.kind != "table":
        words = schema.kind == "text"
        return tf.TensorSpec((None, *schema.shape), tf.int32 if words else tf.float32)
    specs = {}
    if schema.numbers:
        specs["numbers"] = tf.TensorSpec((None, len(schema.numbers)), tf.float32)
    if schema.categories:
        specs["categories"] = tf.TensorSpec((None, len(schema.categories)), tf.int32)
    return specs


def as_tensor(rows: np.ndarray) -> Any:
    """Return rows as the SavedModel takes them: pictures as floats."""
    return tf.constant(rows if rows.dtype == np.int32 else rows.astype("float32"))


def main() -> int:
    """Read the order and obey."""
    order = json.loads(Path(sys.argv[1]).read_text())
    try:
        export(order)
    except (ExportProblem, OSError, ValueError, TypeError, RuntimeError, KeyError) as error:
        words = str(error).strip().splitlines() or [type(error).__name__]
        print(f"{type(error).__name__}: {words[0]}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
