"""A `fit` that code brings with its HyperModel, called as KerasTuner calls it.

Room: training child. It gets `hp`, the model, x and y, and by name validation_data, epochs, batch_size,
verbose and callbacks: the site's own among them reports each epoch, keeps the best weights and stops it.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any, Literal

import keras
import numpy as np

from experiments.training.child.builders import Builder
from experiments.training.child.callbacks import Halted
from experiments.training.child.datasets import Part
from experiments.training.child.failures import ModelProblem
from experiments.training.messages import ExecutionOrder, TrialOrder

NOTHING = (
    "fit told of no epoch. Pass **kwargs on to model.fit(…), which calls the callbacks, or return the "
    "History, a dict of metrics or the objective as a number."
)


class Told(keras.callbacks.Callback):  # type: ignore[misc]
    """Counts the epochs that callbacks were told of."""

    def __init__(self) -> None:
        """None so far."""
        super().__init__()
        self.epochs = 0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """One more."""
        self.epochs += 1


class OwnFitTrainer:
    """Trains with the code's own `fit`."""

    method: Literal["fused", "fit"] = "fit"
    reason = "The code has a fit of its own."

    def __init__(self, order: TrialOrder, model: Any, part: Part, fit: Callable[..., Any]) -> None:
        """fit: takes the model, x, y and keywords; hp is bound already."""
        if not model.built:
            model(part.train.take(np.s_[:1])[0], training=False)
        self.model = self.saved_model = model
        self._fit = order.fit
        self._part = part
        self._own = fit

    def take(self, execution: ExecutionOrder, builder: Builder, part: Part) -> bool:
        """Every execution has a model of its own."""
        return False

    def fit(self, callbacks: list[Any], orders: Iterator[np.ndarray], epochs_done: int) -> None:
        """Call it. Raises: ModelProblem, and whatever it raises."""
        seen = Told()
        held = self._part.validation
        given: dict[str, Any] = {
            "validation_data": held.take(np.s_[:]) if len(held) else None,
            "epochs": self._fit.epochs,
            "batch_size": self._fit.batch_size,
            "verbose": 0,
        }
        if epochs_done:
            given["initial_epoch"] = epochs_done
        rows = self._part.train.take(np.s_[:])
        told = call_fit(self._own, self.model, rows, given, [*callbacks, seen])
        if not seen.epochs:
            _tell(callbacks, _epochs(told, self._fit.objective))


def call_fit(
    fit: Callable[..., Any],
    model: Any,
    rows: tuple[Any, Any],
    given: dict[str, Any],
    callbacks: list[Any],
) -> Any:
    """Call a fit of the code's own; what it gives Keras itself beside **kwargs is left to it."""
    # One callback for all: a loop of the code's own may give each another dict, and what one of ours adds
    # to an epoch's metrics, the next ones must see.
    together = keras.callbacks.CallbackList(callbacks, model=model)
    told = {name: value for name, value in given.items() if name not in set_by(fit)}
    told = accepted(fit, {**told, "callbacks": [together]})
    try:
        return fit(model, *rows, **told)
    except Halted:
        return None


def accepted(function: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
    """Of arguments by name those that a function takes."""
    wanted = inspect.signature(function).parameters
    if any(each.kind is inspect.Parameter.VAR_KEYWORD for each in wanted.values()):
        return given
    return {name: value for name, value in given.items() if name in wanted}


def set_by(function: Any) -> set[str]:
    """Arguments that a function gives by name where it passes **kwargs on."""
    own = getattr(function, "func", function)
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(own)))
    except (OSError, TypeError, SyntaxError):
        return set()
    return {
        each.arg
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and any(each.arg is None for each in node.keywords)
        for each in node.keywords
        if each.arg is not None
    }


def _tell(callbacks: list[Any], epochs: list[dict[str, Any]]) -> None:
    """Tell callbacks of epochs that fit only returned. Raises: ModelProblem where it returned none."""
    if not epochs:
        raise ModelProblem(NOTHING)
    for each in callbacks:
        each.on_train_begin()
    for epoch, logs in enumerate(epochs):
        for each in callbacks:
            each.on_epoch_begin(epoch)
        for each in callbacks:
            each.on_epoch_end(epoch, logs)


def _epochs(told: Any, objective: str) -> list[dict[str, Any]]:
    """What a fit returned, as the logs of its epochs: of a dict or a number, one epoch."""
    if isinstance(told, list | tuple) and told:
        told = told[-1]
    if told is None:
        return []
    if isinstance(told, keras.callbacks.History):
        names, columns = list(told.history), zip(*told.history.values(), strict=False)
        return [dict(zip(names, row, strict=True)) for row in columns]
    if isinstance(told, dict):
        numbers = {str(name): float(np.asarray(v).ravel()[-1]) for name, v in told.items()}
        return [_with_loss(numbers)]
    if isinstance(told, int | float | np.number) and not isinstance(told, bool):
        return [_with_loss({objective: float(told)})]
    raise ModelProblem(
        f"fit returned {type(told).__name__}. Return the History of model.fit(…), a dict of metrics, or "
        "the objective as a number."
    )


def _with_loss(logs: dict[str, float]) -> dict[str, float]:
    """An epoch without a loss didn't diverge."""
    return {"loss": logs.get("val_loss", 0.0), **logs}
