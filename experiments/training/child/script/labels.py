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
_configs: dict[int, dict[str, Any]] = {}  # arguments of compile by the model's id


def watch_compile() -> None:
    """Record the arguments of compile; `acc` becomes accuracy, the name of its curves."""
    # Where Keras defines it: a model whose class has another is loaded without being compiled.
    trainer = next(kind for kind in keras.Model.__mro__ if "compile" in vars(kind))
    compiled: Any = trainer.compile
    if getattr(compiled, "watched", False):
        return
    signature = inspect.signature(compiled)

    @functools.wraps(compiled)
    def watched(self: Any, *args: Any, **options: Any) -> None:
        config = dict(signature.bind(self, *args, **options).arguments)
        config.pop("self")
        config = {**config, **config.pop("kwargs", {})}
        metrics = config.get("metrics")
        if isinstance(metrics, list | tuple) and "acc" in metrics:
            config["metrics"] = ["accuracy" if each == "acc" else each for each in metrics]
            note('metrics=["acc"] becomes "accuracy", so that curves and objective have one name.')
        _configs[id(self)] = config
        compiled(self, **config)

    watched.watched = True  # type: ignore[attr-defined]
    trainer.compile = watched


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels of data. kind: classes (indices), one_hot, or numbers of a regression."""

    kind: str
    values: np.ndarray = field(repr=False)

    @classmethod
    def of(cls, y: Any, *, classes: int) -> "Labels":
        """Detect the kind; a column of class indices becomes a vector."""
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
    """The arguments that a model was compiled with; empty if it wasn't."""
    return dict(_configs.get(id(model), {})) if model.compiled else {}


def compiled_again(model: Any, changes: dict[str, Any]) -> Any:
    """The model, compiled again with these changes; metrics are added to its own."""
    config = dict(_configs.get(id(model), {}))
    if not config:
        return model
    if "metrics" in changes:
        own = config.get("metrics") or []
        own = own if isinstance(own, list | tuple) else [own]
        changes = {**changes, "metrics": [*own, *changes["metrics"]]}
    model.compile(**{**config, **changes})
    return model


def fit_loss(model: Any, labels: Labels, *, measure: bool) -> Any:
    """Return the model, compiled again if its loss doesn't fit the labels. measure: add accuracy if it has no metrics."""
    config = dict(_configs.get(id(model), {}))
    if not config:
        return model
    loss, changed = config.get("loss"), False
    name = loss if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)
    if labels.kind == "classes" and name in SWAPPED and not _smooths(loss):
        config["loss"], changed = SPARSE, True
        metrics = config.get("metrics")
        if isinstance(metrics, list | tuple):
            config["metrics"] = [
                METRICS.get(each, each) if isinstance(each, str) else each for each in metrics
            ]
        note(
            f"{ONE_HOT} expects one-hot rows, but the labels are class indices: "
            f"{SPARSE} is used, with the same value."
        )
    elif labels.kind == "one_hot" and name in (SPARSE, "SparseCategoricalCrossentropy"):
        config["loss"], changed = ONE_HOT, True
        note(
            f"{SPARSE} expects class indices, but the labels are one-hot rows: "
            f"{ONE_HOT} is used, with the same value."
        )
    if measure and labels.kind != "numbers" and not config.get("metrics"):
        config["metrics"], changed = ["accuracy"], True
        note(
            "The model is compiled without metrics: accuracy is added, so that trials "
            "can be compared."
        )
    if changed:
        model.compile(**config)
    return model


def _smooths(loss: Any) -> bool:
    return bool(getattr(loss, "label_smoothing", 0) or getattr(loss, "from_logits", False))
