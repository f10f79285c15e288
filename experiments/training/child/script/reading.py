"""Reads a whole script: search space, search or training, data, compatibility notes."""

import ast
import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

from experiments.catalog import tuner_modules
from experiments.evaluation.metrics import METRICS
from experiments.training.child.failures import ModelProblem
from experiments.training.child.model_entry import find_entry, required_arguments
from experiments.training.child.script import compatibility
from experiments.training.child.script.capture import Captured, follow
from experiments.training.child.script.data_sets import DataSets
from experiments.training.child.script.definitions import (
    hypermodel_expression,
    left_out,
    reads_test_part,
)
from experiments.training.child.script.labels import watch_compile
from experiments.training.child.script.names import missing_names, words_for
from experiments.training.child.script.own_tuner import hypermodel_of
from experiments.training.child.script.script_plan import plan_of
from experiments.training.code_messages import SpaceOrder

NO_HYPERMODEL = (
    "The tuner has no hypermodel, so there is no Keras model to train. Write "
    "Tuner(build, …), or run the script on your own machine: “Connect a script” on "
    "the project's page shows the three lines."
)


@dataclass(slots=True)
class FollowedScript:
    """A script that trains or searches. build: makes its model; script: the JSON that is stored."""

    captured: Captured
    entry: str
    build: Callable[[Any], Any]
    script: dict[str, Any]
    notes: list[str] = field(default_factory=list)

    @property
    def measures(self) -> list[str]:
        """Objectives that only the script measures."""
        plan = self.script["plan"]
        names = [
            plan.get("objective"),
            *(each["name"] for each in plan.get("more_objectives", ())),
        ]
        plain = [str(name).removeprefix("val_") for name in names if name]
        return [name for name in plain if name != "loss" and name not in METRICS]


def read_script(source: str, tree: ast.Module, order: SpaceOrder) -> FollowedScript | None:
    """Follow a script to its training or search; None where it has neither. Raises: what it raises."""
    compatibility.install()
    watch_compile()
    data = DataSets(made_up=True, classes=order.classes, shape=tuple(order.shape))
    captured = follow(source, tree, data)
    if captured is None:
        return None
    notes = words_for(missing_names(tree))
    plan = plan_of(captured, notes)
    ranges = left_out(tree)
    named = [name for name in dict.fromkeys(data.used) if name != "load_data"]
    reads_test = bool(named) and reads_test_part(tree)
    if reads_test:
        plan["protocol"]["locked_test_share"] = 0.0
    script = {
        "kind": captured.kind,
        "line": captured.line,
        "plan": plan,
        "datasets": named,
        "reads_test_part": reads_test,
        "left_out": [list(each) for each in ranges],
        "tuner": type(captured.tuner).__name__ if captured.kind == "search" else "",
        "own_validation": captured.arguments.get("validation_data") is not None,
        "bridged": list(compatibility.noted),
    }
    entry, build = _entry(captured, tree, ranges)
    return FollowedScript(captured, entry, build, script, [*notes, *compatibility.noted])


def _entry(
    captured: Captured, tree: ast.Module, ranges: list[tuple[int, int]]
) -> tuple[str, Callable[[Any], Any]]:
    """How the trial's source names the model's builder, and the builder."""
    if captured.kind == "search":
        hypermodel = captured.tuner.hypermodel
        if hypermodel is None:
            return "script:", functools.partial(_no_hypermodel, captured.line)
        made = hypermodel_of(captured.tuner)
        build = made.build if hasattr(made, "build") else made
        text = hypermodel_expression(tree, type(captured.tuner).__name__, ranges)
        if text and isinstance(hypermodel, tuner_modules.BuildFunction):
            return f"function:{text}", build
        return (f"object:{text}" if text else "script:"), build
    found = find_entry(captured.module, tree)
    if found is not None and found.kind == "plain" and not required_arguments(found.value):
        return f"plain:{found.name}", lambda _: captured.model
    kept = [node for node in tree.body if (node.lineno, node.end_lineno) not in ranges]
    for node in kept:
        for name in _assigned(node):
            if captured.module.__dict__.get(name) is captured.model:
                return f"variable:{name}", lambda _: captured.model
    return "script:", lambda _: captured.model


def _no_hypermodel(line: int, hp: Any) -> NoReturn:
    raise ModelProblem(NO_HYPERMODEL, line)


def _assigned(node: ast.stmt) -> list[str]:
    if not isinstance(node, ast.Assign):
        return []
    return [each.id for each in node.targets if isinstance(each, ast.Name)]
