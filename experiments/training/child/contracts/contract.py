"""The contract of a part of custom code: how it is found and tested."""

import ast
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from experiments.training.child.failures import ModelProblem
from experiments.training.child.model_entry import required_arguments

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
    """One kind of part. find: its parts in the code, usually one or none.

    check: tests a part and returns what was tested. Raises: ModelProblem, or what the part raises.
    """

    kind: str
    label: str
    find: Callable[[ModuleType, ast.Module], list[Found]]
    check: Callable[[Found, Bench], str]


def function_named(name: str) -> Callable[[ModuleType, ast.Module], list[Found]]:
    """Find the code's own function of this name."""

    def find(module: ModuleType, tree: ast.Module) -> list[Found]:
        return [
            Found(name, node.lineno, getattr(module, name))
            for node in tree.body
            if isinstance(node, ast.FunctionDef)
            and node.name == name
            and inspect.isfunction(getattr(module, name, None))
        ]

    return find


def demand_arguments(found: Found, *names: str) -> None:
    """Require as many arguments as the contract passes. Raises: ModelProblem."""
    given = required_arguments(found.value)
    if len(given) != len(names):
        raise ModelProblem(
            f"Its arguments are ({', '.join(given)}). Write def {found.name}({', '.join(names)}):"
        )
