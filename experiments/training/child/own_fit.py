"""Runs a HyperModel's own `fit`, as KerasTuner does.

It gets `hp`, the model, x and y, and by name validation_data, epochs, batch_size,
verbose and callbacks: the site's own among them reports each epoch, keeps the best weights and stops it.
A fit that couldn't get the callbacks would train unseen, so it is refused; what else it has no use for is told.
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
from experiments.training.child.callbacks import Anew, Halted, Timed
from experiments.training.child.datasets import Part, Rows
from experiments.training.child.failures import ModelProblem
from experiments.training.child.plain_fit import Batches
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
FOR_KERAS = ("verbose", "initial_epoch")  # nobody misses them
TAKES = ("pop", "get", "setdefault")


class Told(keras.callbacks.Callback):  # type: ignore[misc]
    """Counts the epochs that callbacks were told of."""

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
        """Call it. Raises: Anew, ModelProblem, and whatever it raises."""
        seen = Told()
        part, size = self._part, self._fit.batch_size
        given: dict[str, Any] = {"epochs": self._fit.epochs, "verbose": 0}
        rows: tuple[Any, ...]
        held: Any
        if part.pack == "arrays":
            rows, held = part.train.take(np.s_[:]), part.validation.take(np.s_[:])
            given["batch_size"] = size
        else:
            rows, held = (
                (packed(part, part.train, size, orders),),
                packed(part, part.validation, size),
            )
        given["validation_data"] = held if len(part.validation) else None
        if epochs_done:
            given["initial_epoch"] = epochs_done
        began = time.monotonic()
        told = call_fit(self._own, self.model, rows, given, [*callbacks, seen])
        if not seen.epochs and epochs_done:
            raise Anew
        if not seen.epochs:
            seconds = time.monotonic() - began
            _tell(callbacks, _epochs(told, self._fit.objective), seconds)


def packed(part: Part, rows: Rows, size: int, orders: Iterator[np.ndarray] | None = None) -> Any:
    """Rows as batches of the kind that the script gave. orders: of the rows, for each epoch."""
    batches = Batches(rows, size, orders=orders)
    if part.pack != "tf.data.Dataset":  # a generator doesn't say where it ends
        return batches
    dataset = tf.data.Dataset.from_tensor_slices(rows.take(np.s_[:]))
    return (dataset if orders is None else dataset.shuffle(max(1, len(rows)))).batch(size)


class Together(keras.callbacks.CallbackList):  # type: ignore[misc]
    """One callback for all: a loop of the code's own may give each another dict, and what one adds, the next must see.

    A loop that only tells of epochs has begun its training with the first.
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
    """Call a fit of the code's own. Raises: ModelProblem where it can't get the callbacks; whatever it raises."""
    told = handed(fit, {**given, "callbacks": [Together(callbacks, model=model)]})
    if "callbacks" not in told:
        raise ModelProblem(NO_CALLBACKS)
    try:
        return fit(model, *rows, **told)
    except Halted:
        return None
    except TypeError as error:
        if "multiple values for keyword argument 'callbacks'" in str(error):
            raise ModelProblem(TWICE) from error
        raise


def handed(function: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
    """Of arguments by name those that a function of the code's own gets; the log names what it doesn't."""
    own = set_by(function) - {"callbacks"}
    told = accepted(function, {name: each for name, each in given.items() if name not in own})
    name = getattr(getattr(function, "func", function), "__name__", "fit")
    refused = [each for each in given if each not in (*told, *own, *FOR_KERAS)]
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
    return told


def accepted(function: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
    """Of arguments by name those that a function takes."""
    wanted = inspect.signature(function).parameters
    if any(each.kind is inspect.Parameter.VAR_KEYWORD for each in wanted.values()):
        return given
    return {name: value for name, value in given.items() if name in wanted}


def set_by(function: Any) -> set[str]:
    """Arguments that a function gives by name where it passes **kwargs on, but for those that it got."""
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
    """Names in `kwargs.pop("name")`, `kwargs["name"]`; the values of other constants do no harm."""
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        place: ast.expr | None = node.slice
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        is_taken = node.func.attr in TAKES and isinstance(node.func.value, ast.Name)
        place = node.args[0] if is_taken and node.args else None
    else:
        place = None
    if isinstance(place, ast.Constant):
        yield place.value


def _tell(callbacks: list[Any], epochs: list[dict[str, Any]], seconds: float) -> None:
    """Tell callbacks of epochs that fit only returned. Raises: ModelProblem where it returned none."""
    if not epochs:
        raise ModelProblem(NOTHING)
    for each in callbacks:
        if isinstance(each, Timed):
            each.told_seconds = seconds / len(epochs)
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
        return [numbers]
    if isinstance(told, int | float | np.number) and not isinstance(told, bool):
        return [{objective: float(told)}]
    raise ModelProblem(
        f"fit returned {type(told).__name__}. Return the History of model.fit(…), a "
        "dict of metrics, or the objective as a number."
    )
