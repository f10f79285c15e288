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
    """The data and objective that custom models must fit."""

    schema: DataSchema
    fit: FitOrder
    one_hot: bool = False  # labels of the code

    def fitted(self, model: Any, train: Rows, *, trains_itself: bool = False) -> Any:
        """Return the model, built with a row of the data. Raises: ModelProblem.

        trains_itself: custom training knows its loss and what it reports.
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
        fix = (
            f"this data has {classes} classes. End the model with Dense({classes}, "
            'activation="softmax").'
            if classes
            else "the target is a number. End the model with Dense(1)."
        )
        raise ModelProblem(f"The model has {given} outputs per row, but {fix}")

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
        config = model.get_compile_config() or {}
        names = _names([config.get("metrics"), config.get("weighted_metrics")])
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


def _names(metrics: Any) -> set[str | None]:
    """Names of metrics in a compile configuration; None stands for an unknown one."""
    if metrics is None:
        return set()
    if isinstance(metrics, str):
        return {metrics}
    if isinstance(metrics, list | tuple):
        return set().union(*(_names(each) for each in metrics)) if metrics else set()
    config = metrics.get("config") if isinstance(metrics, dict) else None
    if isinstance(config, dict) and isinstance(config.get("name"), str):
        return {config["name"]}
    return {None}


def _shape(inputs: Any) -> str:
    if isinstance(inputs, dict):
        return ", ".join(f"{name}: {_shape(array)}" for name, array in inputs.items())
    return " × ".join(str(side) for side in inputs.shape[1:])
