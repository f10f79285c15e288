"""Checks every part of custom code against its contract, in the sandbox."""

import ast
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from experiments.catalog.tuned_values import HyperParameters
from experiments.training.child.builders import FILE
from experiments.training.child.channel import Channel
from experiments.training.child.contracts.contract import Bench, Contract, Found
from experiments.training.child.contracts.model import fit_of
from experiments.training.child.contracts.registry import found_parts
from experiments.training.child.failures import ModelProblem
from experiments.training.child.model_entry import check_model, entry_of, line_of
from experiments.training.child.space_reading import deepest_line, module_of, problem_of
from experiments.training.code_messages import CheckedPart, CheckOrder, CodeChecked

TRACEBACK = 20_000
NOTHING = "Found no part that can be used. See “Parts” in the guide."


class CodeCheck:
    """Checks one source. `current`: always 0."""

    current = 0

    def __init__(self, order: CheckOrder, channel: Channel) -> None:
        self._order = order
        self._channel = channel

    def run(self) -> None:
        """Find the parts, check each, send the results."""
        try:
            answer = self._checked()
        # The border: whatever the code raises is what its author has to see.
        except (Exception, SystemExit) as error:
            wrong = problem_of(error)
            answer = CodeChecked([], wrong.problem, wrong.line, wrong.traceback)
        self._channel.send(answer)

    def _checked(self) -> CodeChecked:
        tree = ast.parse(self._order.source, FILE)
        module, _, _ = module_of(self._order.source, tree)
        shape = tuple(self._order.shape)
        build: Callable[[], Any] | None = None  # code may bring other parts alone
        with suppress(ModelProblem):
            entry, made = entry_of(module, tree, classes=self._order.classes, shape=shape)
            build = _builder(made, line_of(tree, entry))
        bench = Bench(module, tree, self._order.classes, shape, build)
        parts = [_check(contract, found, bench) for contract, found in found_parts(module, tree)]
        return CodeChecked(parts, "" if parts else NOTHING)


def _builder(made: Callable[[Any], Any], line: int) -> Callable[[], Any]:
    def build() -> Any:
        model = made(HyperParameters())
        check_model(model, line, trains_itself=fit_of(getattr(made, "__self__", None)) is not None)
        return model

    return build


def _check(contract: Contract, found: Found, bench: Bench) -> CheckedPart:
    line, text = found.line, ""
    try:
        passed, words = True, contract.check(found, bench)
    except ModelProblem as broken:
        passed, words = False, str(broken)
        line = broken.line or deepest_line(broken) or found.line
    # One part's error must not hide the results of the others.
    except (Exception, SystemExit) as error:
        wrong = problem_of(error)
        passed, words = False, wrong.problem
        line, text = wrong.line or found.line, "".join(traceback.format_exception(error))
    return CheckedPart(
        kind=contract.kind,
        label=contract.label,
        name=found.name,
        line=line,
        passed=passed,
        message=words[:1000],
        traceback=text[-TRACEBACK:],
    )
