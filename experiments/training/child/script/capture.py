"""Runs a script up to its training or search and captures its arguments."""

import ast
import inspect
import linecache
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Literal

import keras

from experiments.catalog import tuner_modules
from experiments.training.child.builders import FILE, MODULE
from experiments.training.child.script import compatibility
from experiments.training.child.script.data_sets import DataSets
from experiments.training.child.script.names import known_builtins
from experiments.training.child.space_recorder import Recorder

FIT = inspect.signature(keras.Model.fit)
CALLS = ("fit", "search", "fit_generator")


class Trains(tuner_modules.Leaves):
    """A model's `fit` was called where a script is only followed up to there."""

    def __init__(self, model: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        super().__init__()
        self.model, self.args_given, self.kwargs = model, args, kwargs


@dataclass(slots=True)
class Captured:
    """Where a script stopped. arguments: of `fit` or `search`, by name; line: of the call.

    statement: first line of its outermost statement, 0 where there is none.
    """

    kind: Literal["search", "fit"]
    line: int
    statement: int
    arguments: dict[str, Any]
    module: ModuleType
    tuner: Any = None
    model: Any = None
    compiled: dict[str, Any] = field(default_factory=dict)


def calls_training(tree: ast.Module) -> bool:
    """Whether the text has a call that trains or searches; else it only defines."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CALLS
        for node in ast.walk(tree)
    )


def follow(source: str, tree: ast.Module, data: DataSets) -> Captured | None:
    """Run a script as a program until it trains or searches; None: it ended before.

    Raises: whatever the script raises.
    """
    module = script_module(source, tree, data)
    try:
        with _stopped_fit():
            exec(compile(source, FILE, "exec"), module.__dict__)
    except tuner_modules.Searches as left:
        bound = bound_arguments(left.args_given, left.kwargs)
        return Captured("search", *_where(left, tree), bound, module, tuner=left.tuner)
    except Trains as left:
        bound = bound_arguments((left.model, *left.args_given), left.kwargs, bound=True)
        return Captured("fit", *_where(left, tree), bound, module, model=left.model)
    return None


def script_module(source: str, tree: ast.Module, data: DataSets) -> ModuleType:
    """A module that runs as a program does, with the names that the script forgot."""
    module = ModuleType(MODULE)
    module.__dict__["__name__"] = "__main__"
    module.__dict__["__builtins__"] = known_builtins(tree, data)
    sys.modules[MODULE] = module
    # So that a traceback shows the script's own lines.
    linecache.cache[FILE] = (len(source), None, source.splitlines(keepends=True), FILE)
    data.install()
    for name, each in list(sys.modules.items()):
        if name.partition(".")[0] in tuner_modules.PACKAGES and hasattr(each, "HyperParameters"):
            # So that a space which the script defines beforehand is known.
            vars(each)["HyperParameters"] = Recorder
    return module


def bound_arguments(args: tuple[Any, ...], kwargs: Any, *, bound: bool = False) -> dict[str, Any]:
    """The arguments of a call of `fit`, by name. Raises: TypeError for unknown ones."""
    given = compatibility.fit_arguments(dict(kwargs))
    call = FIT.bind(*(args if bound else (None, *args)), **given)
    return {name: value for name, value in call.arguments.items() if name != "self"}


@contextmanager
def _stopped_fit() -> Iterator[None]:
    fit = keras.Model.fit

    def stop(self: Any, *args: Any, **kwargs: Any) -> Any:
        raise Trains(self, args, kwargs)

    keras.Model.fit = stop
    try:
        yield
    finally:
        keras.Model.fit = fit


def _where(error: BaseException, tree: ast.Module) -> tuple[int, int]:
    lines = [
        (frame.lineno or 0, frame.name)
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == FILE
    ]
    outer = next((line for line, name in lines if name == "<module>"), 0)
    inside = [n.lineno for n in tree.body if n.lineno <= outer <= (n.end_lineno or n.lineno)]
    return (lines[-1][0] if lines else 0), (inside[0] if inside else 0)
