"""The contract of a part of custom code: how it is found and tested.

One kind is one file beside this one, and one entry of `registry.CONTRACTS`.
"""

import ast
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from experiments.training.child.failures import ModelProblem

ROWS = 32  # of made-up data that a check uses


@dataclass(frozen=True, slots=True)
class Found:
    """A part in the code. `value`: the function or class itself."""

    name: str
    line: int
    value: Any


@dataclass(frozen=True, slots=True)
class Bench:
    """What a check may use. build: returns a compiled model for the defaults, None where none is defined."""

    module: ModuleType
    tree: ast.Module
    classes: int
    shape: tuple[int, ...]
    build: Callable[[], Any] | None

    def rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Made-up data: x of shape (ROWS, *shape), float32 in [0, 1), and class numbers y."""
        rng = np.random.default_rng(0)
        x = rng.random((ROWS, *self.shape)).astype("float32")
        return x, (np.arange(ROWS) % max(self.classes, 2)).astype("int64")

    def answers(self) -> np.ndarray:
        """Made-up predictions: shape (ROWS, classes), rows that sum to 1; (ROWS, 1) without classes."""
        rng = np.random.default_rng(1)
        raw = rng.random((ROWS, self.classes or 1)).astype("float32")
        return raw / raw.sum(axis=1, keepdims=True) if self.classes else raw


@dataclass(frozen=True, slots=True)
class Contract:
    """One kind of part. signature: how people write it; find: what the code has of it, mostly one or none.

    check: tries it and returns what was tried in a few words. Raises: ModelProblem, or whatever the part raises.
    """

    kind: str
    label: str
    signature: str
    find: Callable[[ModuleType, ast.Module], list[Found]]
    check: Callable[[Found, Bench], str]


def functions_named(*names: str) -> Callable[[ModuleType, ast.Module], list[Found]]:
    """Find functions of the code's own by name."""

    def find(module: ModuleType, tree: ast.Module) -> list[Found]:
        return [
            Found(node.name, node.lineno, getattr(module, node.name))
            for node in tree.body
            if isinstance(node, ast.FunctionDef)
            and node.name in names
            and inspect.isfunction(getattr(module, node.name, None))
        ]

    return find


def classes_that(
    fits: Callable[[type], bool],
) -> Callable[[ModuleType, ast.Module], list[Found]]:
    """Find classes of the code's own by what they are."""

    def find(module: ModuleType, tree: ast.Module) -> list[Found]:
        names = ((n.name, n.lineno) for n in tree.body if isinstance(n, ast.ClassDef))
        found = (Found(name, line, getattr(module, name, None)) for name, line in names)
        return [each for each in found if inspect.isclass(each.value) and fits(each.value)]

    return find


def arguments_of(function: Any) -> list[str]:
    """The arguments that a call has to give."""
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [
        each.name
        for each in inspect.signature(function).parameters.values()
        if each.kind in plain and each.default is inspect.Parameter.empty
    ]


def demand_arguments(found: Found, names: Iterable[str]) -> None:
    """Whether a function takes as many arguments as its contract gives. Raises: ModelProblem."""
    wanted = tuple(names)
    given = arguments_of(found.value)
    if len(given) != len(wanted):
        raise ModelProblem(
            f"Its arguments are ({', '.join(given)}). Write def {found.name}({', '.join(wanted)}):"
        )
