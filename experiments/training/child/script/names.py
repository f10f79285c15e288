"""Defines well-known names that a script forgot to import.

They are found in the text, and given as built-in names to its module alone, so that
a name that the script does define stays its own.
"""

import ast
import builtins
import importlib
from typing import Any

from experiments.catalog.shipped_data import SHAPES
from experiments.training.child.script.data_sets import DataSets

MODULES = {"keras": "keras", "tf": "tensorflow", "np": "numpy", "kt": "keras_tuner"}
TUNER_NAMES = ("HyperModel", "RandomSearch", "BayesianOptimization", "Hyperband", "GridSearch")


def missing_names(tree: ast.Module) -> dict[str, int]:
    """Known names that are read somewhere and bound nowhere, with the first line of each."""
    bound = {
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            bound |= {(each.asname or each.name).partition(".")[0] for each in node.names}
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.add(node.id)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
    known = {*SHAPES, *MODULES, *TUNER_NAMES, "load_data"}
    read = [
        node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in known - bound
    ]
    return {node.id: node.lineno for node in sorted(read, key=lambda each: -each.lineno)}


def words_for(missing: dict[str, int]) -> list[str]:
    """What is done about each."""
    words = []
    for name, line in sorted(missing.items(), key=lambda each: each[1]):
        if name == "load_data":
            words.append(
                f"Line {line}: load_data() isn't defined, so it returns the data "
                "chosen in the form."
            )
        else:
            meant = f"keras_tuner.{name}" if name in TUNER_NAMES else _module(name)
            words.append(f"Line {line}: {name} isn't imported, so {meant} is used.")
    return words


def known_builtins(tree: ast.Module, data: DataSets) -> dict[str, Any]:
    """The built-in names of the script's module: Python's, and those that it forgot."""
    given = dict(vars(builtins))
    for name in missing_names(tree):
        if name == "load_data":
            given[name] = lambda *_, **__: in_order_of(tree, data)
        elif name in TUNER_NAMES:
            given[name] = getattr(importlib.import_module("keras_tuner"), name)
        else:
            given[name] = importlib.import_module(_module(name))
    return given


def _module(name: str) -> str:
    return MODULES.get(name, f"keras.datasets.{name}")


def in_order_of(tree: ast.Module, data: DataSets) -> Any:
    """What load_data() returns, in the order in which the script takes it apart."""
    (x, y), (x_test, y_test) = data.chosen_data()
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)):
            continue
        called, target = node.value.func, node.targets[0]
        if not (isinstance(called, ast.Name) and called.id == "load_data"):
            continue
        parts = target.elts if isinstance(target, ast.Tuple | ast.List) else []
        names = [each.id.lower() if isinstance(each, ast.Name) else "" for each in parts]
        if len(names) == 4 and all(names):
            is_by_part = "label" in names[1] or names[1].startswith("y")
            return (x, y, x_test, y_test) if is_by_part else (x, x_test, y, y_test)
        if len(names) == 2 and all(names):
            return x, y
    return (x, y), (x_test, y_test)
