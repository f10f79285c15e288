"""Runs a HyperModel's own `fit`, as KerasTuner does.

It gets `hp`, the model, x and y, and by name validation_data, epochs, batch_size, verbose and callbacks,
which report each epoch, keep the best weights and stop it. A fit without callbacks would train unseen and
is refused; the log names other arguments that it ignores.
"""

import ast
import inspect
import textwrap
import time
from collections.abc import Callable, Iterator
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf

from experiments.training.child.builders import Builder
from experiments.training.child.callbacks import CannotResume, StopIgnored, Timed
from experiments.training.child.datasets import Batches, Part, Rows
from experiments.training.child.failures import ModelProblem
from experiments.training.child.predictions import predict
from experiments.training.messages import ExecutionOrder, TrialOrder

NOTHING = (
    "fit reported no epoch. Pass **kwargs to model.fit(…), which calls the callbacks, "
    "or return the History, a dict of metrics, or the objective as a number."
)

NO_CALLBACKS = (
    "fit accepts no callbacks, so its epochs can't be recorded. Write def fit(self, "
    "hp, model, *args, **kwargs): and pass **kwargs to model.fit(…), or add the "
    "argument callbacks and call them."
)
TWICE = (
    "fit passes its own callbacks to model.fit(…) beside **kwargs, which contains "
    'callbacks too. Write callbacks=[*kwargs.pop("callbacks"), …].'
)
SILENT = ("verbose", "initial_epoch")  # ignored without a word in the log
TAKES = ("pop", "get", "setdefault")


class EpochCounter(keras.callbacks.Callback):  # type: ignore[misc]
    """Counts the epochs that callbacks receive."""

    def __init__(self) -> None:
        super().__init__()
        self.epochs = 0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.epochs += 1


class OwnFitTrainer:
    """Trains with the code's own `fit`."""

    method: Literal["fused", "fit"] = "fit"
    reason = "The code has its own fit."

    def __init__(self, order: TrialOrder, model: Any, part: Part, fit: Callable[..., Any]) -> None:
        """fit: takes the model, x, y and keywords; hp is bound already."""
        if not model.built:
            model(part.train.take(np.s_[:1])[0], training=False)
        if not model.optimizer.built:  # a checkpoint holds what belongs to it
            model.optimizer.build(model.trainable_variables)
        self.model = self.saved_model = model
        self._fit = order.fit
        self._part = part
        self._own = fit

    def take(self, execution: ExecutionOrder, builder: Builder, part: Part) -> bool:
        """Every execution has a model of its own."""
        return False

    def fit(self, callbacks: list[Any], orders: Iterator[np.ndarray], epochs_done: int) -> None:
        """Call it. Raises: CannotResume, ModelProblem, and whatever it raises."""
        seen = EpochCounter()
        part, size = self._part, self._fit.batch_size
        given: dict[str, Any] = {"epochs": self._fit.epochs, "verbose": 0}
        if part.pack == "arrays":
            rows: Any = part.train.take(np.s_[:])
            validation: Any = part.validation.take(np.s_[:])
            given["batch_size"] = size
        else:
            rows = (packed(part, part.train, size, orders),)
            validation = packed(part, part.validation, size)
        given["validation_data"] = validation if len(part.validation) else None
        if epochs_done:
            given["initial_epoch"] = epochs_done
        began = time.monotonic()
        returned = call_fit(self._own, self.model, rows, given, [*callbacks, seen])
        if not seen.epochs and epochs_done:
            raise CannotResume
        if not seen.epochs:
            seconds = time.monotonic() - began
            _report(callbacks, _epochs(returned, self._fit.objective), seconds)

    def outputs(self) -> np.ndarray | None:
        """By a pass of their own: nobody knows how such a loop validates."""
        return predict(self.model, self._part.validation)


def packed(part: Part, rows: Rows, size: int, orders: Iterator[np.ndarray] | None = None) -> Any:
    """Rows as batches of the kind that the script gave. orders: of the rows, for each epoch."""
    batches = Batches(rows, size, orders=orders)
    if part.pack != "tf.data.Dataset":  # a generator doesn't say where it ends
        return batches
    dataset = tf.data.Dataset.from_tensor_slices(rows.take(np.s_[:]))
    return (dataset if orders is None else dataset.shuffle(max(1, len(rows)))).batch(size)


class CombinedCallbacks(keras.callbacks.CallbackList):  # type: ignore[misc]
    """One callback for all: a custom loop may give each another dict, but what one adds, the next must see.

    In a loop that only reports epochs, training begins with the first.
    """

    _has_begun = False

    def on_train_begin(self, logs: Any = None) -> None:
        self._has_begun = True
        super().on_train_begin(logs)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Begin, if nobody did."""
        self._begin()
        super().on_epoch_begin(epoch, logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Begin, if nobody did."""
        self._begin()
        super().on_epoch_end(epoch, logs)

    def _begin(self) -> None:
        if not self._has_begun:
            self.on_train_begin()


def call_fit(
    fit: Callable[..., Any],
    model: Any,
    rows: tuple[Any, ...],
    given: dict[str, Any],
    callbacks: list[Any],
) -> Any:
    """Call a custom fit. Raises: ModelProblem where it can't get the callbacks; whatever it raises."""
    kwargs = passed_arguments(
        fit, {**given, "callbacks": [CombinedCallbacks(callbacks, model=model)]}
    )
    if "callbacks" not in kwargs:
        raise ModelProblem(NO_CALLBACKS)
    try:
        return fit(model, *rows, **kwargs)
    except StopIgnored:
        return None
    except TypeError as error:
        if "multiple values for keyword argument 'callbacks'" in str(error):
            raise ModelProblem(TWICE) from error
        raise


def passed_arguments(function: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
    """The arguments that custom code gets; the log names those that it doesn't."""
    own = set_by(function) - {"callbacks"}
    passed = accepted(function, {name: each for name, each in given.items() if name not in own})
    name = getattr(getattr(function, "func", function), "__name__", "fit")
    refused = [each for each in given if each not in (*passed, *own, *SILENT)]
    if refused:
        print(  # noqa: T201 - the execution's log
            f"{name} has no argument {', '.join(refused)}: these settings of the "
            "experiment are ignored."
        )
    if own & given.keys():
        print(  # noqa: T201 - the execution's log
            f"{name} sets {', '.join(sorted(own & given.keys()))} itself; the "
            "experiment's settings are ignored."
        )
    return passed


def accepted(function: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
    """The arguments that a function takes."""
    wanted = inspect.signature(function).parameters
    if any(each.kind is inspect.Parameter.VAR_KEYWORD for each in wanted.values()):
        return given
    return {name: value for name, value in given.items() if name in wanted}


def set_by(function: Any) -> set[str]:
    """Names that a function sets where it passes **kwargs on, but for its own arguments."""
    own = getattr(function, "func", function)
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(own)))
    except (OSError, TypeError, SyntaxError):
        return set()
    given = {
        each.arg
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and any(each.arg is None for each in node.keywords)
        for each in node.keywords
        if each.arg is not None
    }
    taken = {name for node in ast.walk(tree) for name in _taken_out(node)}
    return given - taken - set(inspect.signature(function).parameters)


def _taken_out(node: ast.AST) -> Iterator[Any]:
    """Names in `kwargs.pop("name")` and `kwargs["name"]`; other constants do no harm."""
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        place: ast.expr | None = node.slice
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        is_taken = node.func.attr in TAKES and isinstance(node.func.value, ast.Name)
        place = node.args[0] if is_taken and node.args else None
    else:
        place = None
    if isinstance(place, ast.Constant):
        yield place.value


def _report(callbacks: list[Any], epochs: list[dict[str, Any]], seconds: float) -> None:
    """Report epochs that fit only returned to the callbacks. Raises: ModelProblem if there are none."""
    if not epochs:
        raise ModelProblem(NOTHING)
    for each in callbacks:
        if isinstance(each, Timed):
            each.known_seconds = seconds / len(epochs)
        each.on_train_begin()
    for epoch, logs in enumerate(epochs):
        for each in callbacks:
            each.on_epoch_begin(epoch)
        for each in callbacks:
            each.on_epoch_end(epoch, logs)


def _epochs(returned: Any, objective: str) -> list[dict[str, Any]]:
    """The logs of the epochs that a fit returned; a dict or a number is one epoch."""
    if isinstance(returned, list | tuple) and returned:
        returned = returned[-1]
    if returned is None:
        return []
    if isinstance(returned, keras.callbacks.History):
        names, columns = list(returned.history), zip(*returned.history.values(), strict=False)
        return [dict(zip(names, row, strict=True)) for row in columns]
    if isinstance(returned, dict):
        numbers = {str(name): float(np.asarray(v).ravel()[-1]) for name, v in returned.items()}
        return [numbers]
    if isinstance(returned, int | float | np.number) and not isinstance(returned, bool):
        return [{objective: float(returned)}]
    raise ModelProblem(
        f"fit returned {type(returned).__name__}. Return the History of model.fit(…), a "
        "dict of metrics, or the objective as a number."
    )
