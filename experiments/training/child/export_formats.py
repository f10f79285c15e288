"""Export formats beside .keras: writers and predictors."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from experiments.training.child.inference import Inference, Rows, as_called

OPSET = 18  # of ONNX: what runtimes since 2023 read


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
