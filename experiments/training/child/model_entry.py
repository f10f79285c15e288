"""Finds, constructs and checks the model of custom code."""

import ast
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import keras

from experiments.catalog.code import known_arguments
from experiments.training.child.failures import ModelProblem

FUNCTIONS = ("build", "build_model", "model_builder", "create_model")
NO_MODEL = (
    "The code defines no model. Write a function `build(hp)`, or a subclass of "
    "HyperModel with `build(self, hp)`, that returns a compiled Keras model."
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What builds the model. kind: function, plain (no argument) or class; line: of its definition."""

    kind: str
    name: str
    line: int
    value: Any


def find_entry(module: ModuleType, tree: ast.Module) -> Entry | None:
    """The function or class that builds the model; None where the code has none."""
    lines = {n.name: n.lineno for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    for name in FUNCTIONS:
        function = getattr(module, name, None)
        if inspect.isfunction(function) and len(required_arguments(function)) < 2:
            kind = "function" if required_arguments(function) else "plain"
            return Entry(kind, name, lines.get(name, 1), function)
    for node in (each for each in tree.body if isinstance(each, ast.ClassDef)):
        found = getattr(module, node.name, None)
        if inspect.isclass(found) and callable(getattr(found, "build", None)) and takes_hp(found):
            return Entry("class", found.__name__, lines[node.name], found)
    return None


def entry_of(
    module: ModuleType, tree: ast.Module, *, classes: int, shape: tuple[int, ...]
) -> tuple[str, Callable[[Any], Any]]:
    """What builds the model, by its name for `catalog.code`. Raises: ModelProblem."""
    entry = find_entry(module, tree)
    if entry is None:
        raise ModelProblem(NO_MODEL, 1)
    name = f"{entry.kind}:{entry.name}"
    if entry.kind == "class":
        return name, hypermodel_of(entry, classes=classes, shape=shape).build
    if entry.kind == "plain":
        return name, lambda _hp: entry.value()
    return name, entry.value


def takes_hp(kind: type) -> bool:
    """Whether its `build` takes hp and nothing else; a layer's takes a shape."""
    wanted = required_arguments(kind.build)  # type: ignore[attr-defined]
    return len(wanted) == 2 and not issubclass(kind, keras.layers.Layer)


def hypermodel_of(entry: Entry, *, classes: int, shape: tuple[int, ...]) -> Any:
    """Make an object of a class with what this site knows. Raises: ModelProblem."""
    kind = entry.value
    known = known_arguments(classes, shape)
    wanted = inspect.signature(kind).parameters
    missing = [name for name in required_arguments(kind) if name not in known]
    if missing:
        names = ", ".join(missing)
        raise ModelProblem(
            f"{kind.__name__} needs the constructor arguments {names}. Give them "
            "defaults; num_classes and input_shape are provided.",
            entry.line,
        )
    return kind(**{name: value for name, value in known.items() if name in wanted})


def required_arguments(function: Any) -> list[str]:
    """The arguments that a call has to give."""
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [
        each.name
        for each in inspect.signature(function).parameters.values()
        if each.kind in plain and each.default is inspect.Parameter.empty
    ]


def check_model(model: Any, line: int, *, trains_itself: bool = False) -> None:
    """Whether it is a compiled Keras model; one that code of its own trains need not be. Raises: ModelProblem."""
    if model is None:
        raise ModelProblem("build returned nothing. End it with `return model`.", line)
    if not isinstance(model, keras.Model):
        raise ModelProblem(f"build returned {type(model).__name__}, not a Keras model.", line)
    if not model.compiled and not trains_itself:
        words = (
            "build returned a model that isn't compiled. Call model.compile(…) before `return`."
        )
        raise ModelProblem(words, line)


def line_of(tree: ast.Module, entry: str) -> int:
    """Where the `build` of an entry begins."""
    name = entry.partition(":")[2]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            inner = node.body if isinstance(node, ast.ClassDef) else []
            own = [each for each in inner if getattr(each, "name", "") == "build"]
            return own[0].lineno if own else node.lineno
    return 1
