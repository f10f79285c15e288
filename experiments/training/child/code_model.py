"""Checks that a custom model fits the data and the objective before it trains."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from experiments.data_schema import DataSchema
from experiments.training.child.datasets import Rows
from experiments.training.child.failures import ModelProblem, first_line
from experiments.training.messages import FitOrder

ONE_HOT_LOSSES = ("categorical_crossentropy", "CategoricalCrossentropy")
COSTS = ("loss", "val_loss")


@dataclass(frozen=True, slots=True)
class CodeModel:
    """What code's models are held against."""

    schema: DataSchema
    fit: FitOrder
    one_hot: bool = False  # the code's own labels are

    def fitted(self, model: Any, train: Rows, *, trains_itself: bool = False) -> Any:
        """Return the model, built by a row of the data where it wasn't. Raises: ModelProblem.

        trains_itself: the code does, so that its own loop knows the loss and what it tells.
        """
        inputs, _ = train.take(np.s_[:1])
        try:
            answer = model(inputs, training=False)
        except (ValueError, TypeError, RuntimeError) as error:
            raise ModelProblem(
                f"The model doesn't accept a row of this data ({_shape(inputs)}): "
                f"{first_line(error)}"
            ) from error
        if not self.schema.more_targets:
            self._check_answer(answer)
        if not (self.schema.more_targets or trains_itself):
            self._check_loss(model)
            self._check_objective(model)
        return model

    def _check_answer(self, answer: Any) -> None:
        shapes = [tuple(each.shape) for each in keras.tree.flatten(answer)]
        classes = self.schema.classes_count
        wanted = {classes, 1} if classes == 2 else {classes or 1}
        last = shapes[0][-1] if shapes and len(shapes[0]) == 2 else None
        if len(shapes) == 1 and last in wanted:
            return
        given = " and ".join(" × ".join(map(str, shape[1:])) or "1" for shape in shapes)
        mend = (
            f"this data has {classes} classes. End the model with Dense({classes}, "
            'activation="softmax").'
            if classes
            else "the target is a number. End the model with Dense(1)."
        )
        raise ModelProblem(f"The model has {given} outputs per row, but {mend}")

    def _check_loss(self, model: Any) -> None:
        loss = model.loss
        name = loss if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)
        is_classes = self.schema.task == "classification" and not self.one_hot
        if is_classes and name in ONE_HOT_LOSSES:
            raise ModelProblem(
                "Labels are class indices, but categorical_crossentropy expects "
                "one-hot rows. Use sparse_categorical_crossentropy: its value is the "
                "same."
            )

    def _check_objective(self, model: Any) -> None:
        objective = self.fit.objective
        if objective in COSTS or objective == "custom":
            return
        wanted = objective.removeprefix("val_")
        told = model.get_compile_config() or {}
        names = _names([told.get("metrics"), told.get("weighted_metrics")])
        if (
            None in names
            or wanted in names
            or {"acc", "accuracy"} <= {wanted, *filter(None, names)}
        ):
            return
        raise ModelProblem(
            f"The objective is {objective}, but the model isn't compiled with {wanted}. "
            f'Write metrics=["{wanted}"] in compile(…), or choose another objective.'
        )


def _names(told: Any) -> set[str | None]:
    """Names of metrics in a compile configuration; None stands for one that can't be told."""
    if told is None:
        return set()
    if isinstance(told, str):
        return {told}
    if isinstance(told, list | tuple):
        return set().union(*(_names(each) for each in told)) if told else set()
    config = told.get("config") if isinstance(told, dict) else None
    if isinstance(config, dict) and isinstance(config.get("name"), str):
        return {config["name"]}
    return {None}


def _shape(inputs: Any) -> str:
    if isinstance(inputs, dict):
        return ", ".join(f"{name}: {_shape(array)}" for name, array in inputs.items())
    return " × ".join(str(side) for side in inputs.shape[1:])
