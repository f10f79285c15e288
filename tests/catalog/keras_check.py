"""Runs in a child that holds TensorFlow: builds, fits, saves and loads a model of a source."""

import tempfile
import types
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

# Each graph runs twice over eight rows: optimizing it takes longer than running it as it was traced.
tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})

ROWS = 8


def inputs_for(schema: dict, rng: np.random.Generator) -> object:
    """Rows as the child loads them, with missing numbers and categories."""
    shape = schema["shape"]
    if schema["kind"] == "image":
        return rng.integers(0, int(schema["scale"]) + 1, (ROWS, *shape)).astype("uint8")
    if schema["kind"] == "text":
        words = rng.integers(1, schema["vocabulary"], (ROWS, *shape))
        ends = rng.integers(1, shape[0] + 1, (ROWS, 1))
        ends[0] = 0  # a text without any word that is known
        return np.where(np.arange(shape[0]) < ends, words, 0).astype("int32")
    if schema["kind"] == "array":
        return rng.normal(3.0, 2.0, (ROWS, *shape)).astype("float32")
    inputs = {}
    if shape[0]:
        numbers = rng.normal(50.0, 9.0, (ROWS, shape[0])).astype("float32")
        numbers[0, 0] = np.nan
        inputs["numbers"] = numbers
    if shape[1]:
        inputs["categories"] = rng.integers(-1, 2, (ROWS, shape[1])).astype("int32")
    return inputs


def targets_for(schema: dict, rng: np.random.Generator) -> object:
    if schema.get("more_targets"):
        main = {"task": schema["task"], "classes": schema["classes"]}
        targets = zip(schema["keys"], [main, *schema["more_targets"]], strict=True)
        return {key: targets_for(target, rng) for key, target in targets}
    if schema["task"] == "regression":
        return rng.normal(1000.0, 200.0, ROWS).astype("float32")
    return rng.integers(0, len(schema["classes"]), ROWS)


def built(source: str, inputs: object, targets: np.ndarray, schema: dict) -> keras.Model:
    room = types.ModuleType("model_code")
    exec(compile(source, "model_code.py", "exec"), room.__dict__)
    keras.utils.set_random_seed(7)
    if schema["task"] == "regression" or schema.get("more_targets"):
        return room.build_model(adapt=inputs, targets=targets)
    return room.build_model(adapt=inputs)


def answers(model: keras.Model, inputs: object) -> np.ndarray:
    """Predictions by a plain call: `predict` would trace a function for each model.

    Several outputs stand beside one another, in the order of their names.
    """
    tensors = keras.tree.map_structure(keras.ops.convert_to_tensor, inputs)
    found = model(tensors, training=False)
    if isinstance(found, dict):
        found = keras.ops.concatenate([found[name] for name in sorted(found)], axis=-1)
    return np.asarray(found)


def check(case: dict) -> str:
    """What is wrong with it; empty: nothing."""
    with tempfile.TemporaryDirectory() as folder:
        return check_in(case, Path(folder))


def check_in(case: dict, folder: Path) -> str:
    schema, rng = case["schema"], np.random.default_rng(5)
    inputs, targets = inputs_for(schema, rng), targets_for(schema, rng)
    model = built(case["source"], inputs, targets, schema)
    bare = types.ModuleType("model_code")
    exec(compile(case["source"], "model_code.py", "exec"), bare.__dict__)
    if answers(bare.build_model(), inputs).shape != (ROWS, case["outputs"]):
        return "a model built without rows to adapt to has another shape"
    first = answers(model, inputs)
    again = answers(built(case["source"], inputs, targets, schema), inputs)
    if not np.array_equal(first, again):
        return "two builds with one seed differ"
    # Else the first trace makes the optimizer's and metrics' variables, and Keras traces twice.
    model._symbolic_build(data_batch=(inputs, targets))
    history = model.fit(inputs, targets, batch_size=4, epochs=1, verbose=0).history
    if set(history) != {"loss", *case["metrics"]}:
        return f"history holds {sorted(history)}"
    if not all(np.isfinite(values[0]) for values in history.values()):
        return f"not finite: {history}"
    before = answers(model, inputs)
    path = folder / "model.keras"
    model.save(path)
    after = answers(keras.models.load_model(path), inputs)
    if before.shape != (ROWS, case["outputs"]) or not np.isfinite(before).all():
        return f"predictions of shape {before.shape}: {before[:1]}"
    difference = float(np.abs(before - after).max())
    return "" if difference < 1e-5 * max(1.0, np.abs(before).max()) else f"off by {difference}"
