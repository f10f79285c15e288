"""The inference graph of a trained model, and its export formats beside .keras."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import (
    convert_variables_to_constants_v2,
)

from experiments.data_schema import DataSchema

Rows = dict[str, np.ndarray]
ONE_INPUT = "rows"
OPSET = 18  # of ONNX: what runtimes since 2023 read


@dataclass(frozen=True, slots=True)
class Inference:
    """A model with its inputs by name: `rows`, or a table's `numbers` and `categories`.

    outputs: keys of several outputs, whose columns stand beside one another in the answer.
    """

    model: Any
    inputs: dict[str, tf.TensorSpec]
    outputs: tuple[str, ...]

    @classmethod
    def of(cls, model: Any, schema: DataSchema) -> "Inference":
        """Take any number of rows of the schema's shape: pictures as floats, texts as word numbers."""
        if schema.kind != "table":
            kind = tf.int32 if schema.kind == "text" else tf.float32
            return cls(model, {ONE_INPUT: _spec(ONE_INPUT, schema.shape, kind)}, schema.keys)
        inputs = {}
        if schema.numbers:
            inputs["numbers"] = _spec("numbers", (len(schema.numbers),), tf.float32)
        if schema.categories:
            inputs["categories"] = _spec("categories", (len(schema.categories),), tf.int32)
        return cls(model, inputs, schema.keys)

    @property
    def signature(self) -> Any:
        """What the model is called with: one tensor's description, or a dict of them."""
        return self.inputs.get(ONE_INPUT, self.inputs)

    def __call__(self, rows: Any) -> Any:
        """Predict. Augmentation and dropout stay away, which `model.export` would leave open."""
        return beside(self.model(rows, training=False), self.outputs)

    def frozen(self) -> Any:
        """Trace one graph with the weights as constants, a Normalization's scales among them.

        Converters find no variable in it, and no layer that is at work in training only.
        """
        traced = tf.function(lambda **named: self(named.get(ONE_INPUT, named)))
        return convert_variables_to_constants_v2(traced.get_concrete_function(**self.inputs))

    def rows(self, sample: Any) -> Rows:
        """Return sample rows by input name, in the types that the graph takes."""
        named = sample if isinstance(sample, dict) else {ONE_INPUT: sample}
        return {
            name: np.asarray(named[name], dtype=spec.dtype.as_numpy_dtype)
            for name, spec in self.inputs.items()
        }


def beside(answers: Any, keys: tuple[str, ...]) -> Any:
    """Return several outputs as one, their columns in the order of the keys; one output as it is."""
    if not isinstance(answers, dict):
        return answers
    return keras.ops.concatenate([answers[key] for key in keys], axis=-1)


def as_called(rows: Rows) -> Any:
    """Return rows by name as the model is called with them."""
    tensors = keras.tree.map_structure(tf.constant, rows)
    return tensors.get(ONE_INPUT, tensors)


def _spec(name: str, shape: tuple[int, ...], kind: tf.DType) -> tf.TensorSpec:
    return tf.TensorSpec((None, *shape), kind, name=name)


@dataclass(frozen=True, slots=True)
class Format:
    """One format. name: its file or folder in the bundle; converter: who speaks in a reason.

    predict: from the file alone, rows by input name.
    """

    name: str
    converter: str
    write: Callable[[Inference, Path], None]
    predict: Callable[[Path, Rows], np.ndarray]

    def remove(self, path: Path) -> None:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def write_saved_model(inference: Inference, path: Path) -> None:
    """Write a SavedModel with one endpoint, `serve`."""
    archive = keras.export.ExportArchive()
    archive.track(inference.model)
    archive.add_endpoint(
        name="serve", fn=lambda rows: inference(rows), input_signature=[inference.signature]
    )
    archive.write_out(str(path), verbose=False)


def predict_saved_model(path: Path, rows: Rows) -> np.ndarray:
    """Predict with a SavedModel."""
    # Without a reference its variables would be gone at the first call.
    loaded = tf.saved_model.load(str(path))
    return np.asarray(loaded.serve(as_called(rows)))


def write_tflite(inference: Inference, path: Path) -> None:
    """Write a TensorFlow Lite file of float32 weights and TensorFlow Lite's own operations."""
    converter = tf.lite.TFLiteConverter.from_concrete_functions([inference.frozen()])
    path.write_bytes(converter.convert())


def predict_tflite(path: Path, rows: Rows) -> np.ndarray:
    """Predict with TensorFlow Lite's interpreter."""
    interpreter = tf.lite.Interpreter(model_path=str(path))
    places = {place["name"]: place["index"] for place in interpreter.get_input_details()}
    for name, values in rows.items():
        interpreter.resize_tensor_input(places[name], values.shape)
    interpreter.allocate_tensors()
    for name, values in rows.items():
        interpreter.set_tensor(places[name], values)
    interpreter.invoke()
    return np.array(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))


def write_onnx(inference: Inference, path: Path) -> None:
    """Write an ONNX file of float32 weights."""
    import tf2onnx

    frozen = inference.frozen()
    inputs = [tensor.name for tensor in frozen.inputs]
    outputs = [tensor.name for tensor in frozen.outputs]
    names = {name: name.partition(":")[0] for name in inputs} | {outputs[0]: "predictions"}
    model, _ = tf2onnx.convert.from_graph_def(
        frozen.graph.as_graph_def(),
        input_names=inputs,
        output_names=outputs,
        opset=OPSET,
        tensors_to_rename=names,
    )
    path.write_bytes(model.SerializeToString())


def predict_onnx(path: Path, rows: Rows) -> np.ndarray:
    """Predict with ONNX Runtime on the processor."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, rows)[0])


FORMATS = (
    Format("saved_model", "TensorFlow", write_saved_model, predict_saved_model),
    Format("model.tflite", "TensorFlow Lite", write_tflite, predict_tflite),
    Format("model.onnx", "tf2onnx", write_onnx, predict_onnx),
)
