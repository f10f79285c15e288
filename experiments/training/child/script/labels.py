"""Matches labels and losses that don't fit each other.

`compile` is watched, so that a model can be compiled once more with what fits.
"""

import functools
import inspect
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

from experiments.training.child.script.compatibility import note

ONE_HOT = "categorical_crossentropy"
SPARSE = "sparse_categorical_crossentropy"
SWAPPED = {
    ONE_HOT: SPARSE,
    "CategoricalCrossentropy": SPARSE,
}
METRICS = {
    "categorical_accuracy": "sparse_categorical_accuracy",
    "top_k_categorical_accuracy": "sparse_top_k_categorical_accuracy",
}
_told: dict[int, dict[str, Any]] = {}  # by id: what each model was compiled with


def watch_compile() -> None:
    """Remember what models are compiled with; `acc` is accuracy, whose name the curves bear."""
    # Where Keras defines it: a model whose class has another is loaded without being compiled.
    trainer = next(kind for kind in keras.Model.__mro__ if "compile" in vars(kind))
    compiled: Any = trainer.compile
    if getattr(compiled, "watched", False):
        return
    signature = inspect.signature(compiled)

    @functools.wraps(compiled)
    def watched(self: Any, *args: Any, **options: Any) -> None:
        told = dict(signature.bind(self, *args, **options).arguments)
        told.pop("self")
        told = {**told, **told.pop("kwargs", {})}
        metrics = told.get("metrics")
        if isinstance(metrics, list | tuple) and "acc" in metrics:
            told["metrics"] = ["accuracy" if each == "acc" else each for each in metrics]
            note('metrics=["acc"] becomes "accuracy", so that curves and objective have one name.')
        _told[id(self)] = told
        compiled(self, **told)

    watched.watched = True  # type: ignore[attr-defined]
    trainer.compile = watched


@dataclass(frozen=True, slots=True)
class Labels:
    """What the labels of some data are. kind: classes (numbers), one_hot, or numbers of a regression."""

    kind: str
    values: np.ndarray = field(repr=False)

    @classmethod
    def of(cls, y: Any, *, classes: int) -> "Labels":
        """Look at labels; a column of class numbers becomes a row of them."""
        values = np.asarray(y)
        if values.ndim == 2 and values.shape[1] == 1:
            values = values[:, 0]
        if values.ndim == 2 and classes and values.shape[1] == classes:
            sums = values[:1000].sum(axis=1)
            if np.allclose(sums, 1) and np.isin(values[:1000], (0, 1)).all():
                return cls("one_hot", values)
        is_classes = bool(classes) and values.ndim == 1
        return cls("classes" if is_classes else "numbers", values)


def compiled_as(model: Any) -> dict[str, Any]:
    """What a model was compiled with; nothing where it never was."""
    return dict(_told.get(id(model), {})) if model.compiled else {}


def compiled_again(model: Any, changes: dict[str, Any]) -> Any:
    """The model, compiled as it was but for these: metrics come beside those that it had."""
    told = dict(_told.get(id(model), {}))
    if not told:
        return model
    more = changes.get("metrics")
    if more is not None:
        had = told.get("metrics") or []
        changes = {
            **changes,
            "metrics": [*(had if isinstance(had, list | tuple) else [had]), *more],
        }
    model.compile(**{**told, **changes})
    return model


def fit_loss(model: Any, labels: Labels, *, measure: bool) -> Any:
    """Return the model, compiled once more where its loss wants other labels. measure: add accuracy where nothing is."""
    told = dict(_told.get(id(model), {}))
    if not told:
        return model
    loss, changed = told.get("loss"), False
    name = loss if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)
    if labels.kind == "classes" and name in SWAPPED and not _smooths(loss):
        told["loss"], changed = SPARSE, True
        metrics = told.get("metrics")
        if isinstance(metrics, list | tuple):
            told["metrics"] = [
                METRICS.get(each, each) if isinstance(each, str) else each for each in metrics
            ]
        note(
            f"{ONE_HOT} expects one-hot rows, but the labels are class indices: "
            f"{SPARSE} is used, with the same value."
        )
    elif labels.kind == "one_hot" and name in (SPARSE, "SparseCategoricalCrossentropy"):
        told["loss"], changed = ONE_HOT, True
        note(
            f"{SPARSE} expects class indices, but the labels are one-hot rows: "
            f"{ONE_HOT} is used, with the same value."
        )
    if measure and labels.kind != "numbers" and not told.get("metrics"):
        told["metrics"], changed = ["accuracy"], True
        note(
            "The model is compiled without metrics: accuracy is added, so that trials "
            "can be compared."
        )
    if changed:
        model.compile(**told)
    return model


def _smooths(loss: Any) -> bool:
    return bool(getattr(loss, "label_smoothing", 0) or getattr(loss, "from_logits", False))
