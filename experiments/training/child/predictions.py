"""Stores an execution's predictions for its validation rows.

The exact metrics and the plots of a trial are made from it, without TensorFlow.
"""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from experiments.training.child.checkpoints import sync, sync_folder
from experiments.training.child.datasets import Rows

BATCH = 512
FEW = 8  # up to so many batches a call costs less than a trace


def predict(model: Any, rows: Rows) -> np.ndarray | None:
    """Return what the model says of each row, as float32; None without rows.

    Of several targets the main one's answers; None where the model has other outputs.

    Shape: (rows, classes) or (rows, 1) for a lone probability; (rows,) for a number.
    """
    if not len(rows):
        return None
    batches = [slice(start, start + BATCH) for start in range(0, len(rows), BATCH)]
    call = model.predict_step if len(batches) <= FEW else _traced(model)
    answers = []
    for batch in batches:
        inputs = keras.tree.map_structure(tf.convert_to_tensor, rows.take(batch)[0])
        answer = call((inputs,))
        if isinstance(answer, dict):
            answer = answer.get(rows.main)
        if not isinstance(answer, tf.Tensor):
            return None
        answers.append(answer.numpy())
    return shaped(np.concatenate(answers), rows)


def shaped(outputs: np.ndarray, rows: Rows) -> np.ndarray:
    """A model's outputs as they are stored: float32, and a number's column flat."""
    found = outputs.astype("float32", copy=False)
    is_number = rows.labels.dtype.kind == "f" and found.ndim == 2 and found.shape[1] == 1
    return found[:, 0] if is_number else found


def save_predictions(
    predictions: np.ndarray, rows: Rows, path: Path, scores: Mapping[str, np.ndarray]
) -> tuple[int, str]:
    """Write `rows`, `targets`, `predictions` and row scores by name, whole or not at all.

    Returns: size and sha256.
    """
    draft = path.with_name(f".draft-{path.name}")
    with draft.open("wb+") as file:
        arrays = {"rows": rows.row_numbers, "targets": rows.classes, "predictions": predictions}
        np.savez(file, **arrays, **scores)  # type: ignore[arg-type]
        sync(file)
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = file.tell()
    draft.rename(path)
    sync_folder(path.parent)
    return size, digest


def _traced(model: Any) -> Callable[[Any], Any]:
    # Shapes are relaxed: the last batch is short.
    return tf.function(model.predict_step, reduce_retracing=True, autograph=False)  # type: ignore[no-any-return]
