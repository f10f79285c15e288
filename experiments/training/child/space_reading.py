"""Reads the search space of custom code by running it in the sandbox."""

import ast
import sys
import traceback
from collections.abc import Callable
from types import ModuleType
from typing import Any

import keras

from experiments.catalog import tuner_modules
from experiments.training.child.builders import FILE, MODULE, run_source
from experiments.training.child.channel import Channel
from experiments.training.child.contracts.functions import metrics_of
from experiments.training.child.contracts.registry import found_parts, parts_of
from experiments.training.child.failures import ModelProblem, first_line
from experiments.training.child.fit_hyperparameters import FitRecorder, made_up_rows
from experiments.training.child.model_entry import (
    check_model,
    entry_of,
    find_entry,
    line_of,
)
from experiments.training.child.script import compatibility
from experiments.training.child.script.batches import few_rows
from experiments.training.child.script.capture import calls_training
from experiments.training.child.script.definitions import left_out
from experiments.training.child.script.reading import FollowedScript, read_script
from experiments.training.child.space_recorder import Unstable, explore
from experiments.training.child.space_rows import BadRow, rows_of
from experiments.training.code_messages import SpaceOrder, SpaceRead

MOST_ROWS = 500


class SpaceReading:
    """Reads one source. `current`: always 0."""

    current = 0

    def __init__(self, order: SpaceOrder, channel: Channel) -> None:
        self._order = order
        self._channel = channel

    def run(self) -> None:
        """Run the code as often as needed; send its space, or its problem."""
        try:
            answer = self._read()
        # The border: whatever the code raises is what its author has to see.
        except (Exception, SystemExit) as error:
            answer = problem_of(error)
        self._channel.send(answer)

    def _read(self) -> SpaceRead:
        source = self._order.source
        tree = ast.parse(source, FILE)
        script, stopped = _followed(source, tree, self._order)
        if script is not None:
            return self._of_script(script, tree)
        module, cut, notes = module_of(source, tree)
        notes = [*stopped, *notes]
        shape = tuple(self._order.shape)
        entry, build = entry_of(module, tree, classes=self._order.classes, shape=shape)
        fit = FitRecorder(build, lambda: made_up_rows(shape))
        rows, names, more = _rows(build, line_of(tree, entry), fit)
        return SpaceRead(
            rows=rows,
            names=names,
            entry=entry,
            cut=cut,
            notes=[*notes, *fit.notes, *more],
            parts=parts_of(module, tree),
            **measures_of(module, tree),
        )

    def _of_script(self, script: FollowedScript, tree: ast.Module) -> SpaceRead:
        fit = FitRecorder(script.build, lambda: few_rows(script.captured.arguments))
        is_search = script.captured.kind == "search"
        line = line_of(tree, script.entry)
        rows, names, notes = _rows(script.build, line, fit, is_search=is_search)
        return SpaceRead(
            rows=rows,
            names=names,
            entry=script.entry,
            notes=list(dict.fromkeys([*script.notes, *compatibility.noted, *notes, *fit.notes])),
            parts=parts_of(script.captured.module, tree),
            script=script.script,
            measures=script.measures,
        )


def _rows(
    build: Callable[[Any], Any], line: int, fit: FitRecorder, *, is_search: bool = True
) -> tuple[list[dict[str, Any]], dict[str, str], list[str]]:
    """Rows, row name → the code's name, and notes. A model that isn't searched is built once."""

    def checked(hp: Any) -> None:
        model = build(hp)
        check_model(model, line, trains_itself=fit.has_fit)
        if is_search:
            fit.record(hp, model)
            keras.backend.clear_session()

    recorded, unsure = explore(checked)
    rows, names, notes = rows_of(recorded)
    if len(rows) > MOST_ROWS:
        raise BadRow(f"The code has {len(rows)} hyperparameters; at most {MOST_ROWS} are allowed.")
    return rows, names, [*unsure, *notes]


def measures_of(module: ModuleType, tree: ast.Module) -> dict[str, Any]:
    """Names of the curves that custom parts add, and the direction of a custom objective."""
    names: list[str] = []
    direction = ""
    for contract, found in found_parts(module, tree):
        if contract.kind == "objective":
            direction = str(getattr(module, "OBJECTIVE_DIRECTION", "maximize"))
            names.append("objective")
        elif contract.kind == "metrics":
            made = metrics_of(found.value)
            named = (getattr(each, "name", getattr(each, "__name__", each)) for each in made)
            names += [str(each) for each in named]
    return {"measures": names, "direction": direction}


def _followed(
    source: str, tree: ast.Module, order: SpaceOrder
) -> tuple[FollowedScript | None, list[str]]:
    """A script that trains or searches; one that stops before is read as a model, with a note."""
    if not calls_training(tree):
        return None, []
    try:
        return read_script(source, tree, order), []
    # What a script does beside defining its model must not hide the model.
    except (Exception, SystemExit) as error:
        wrong = problem_of(error)
        return None, [
            (
                f"Hyperparameters used in training are incomplete: line {wrong.line}: "
                f"{wrong.problem[:300]}"
            )
        ]


def module_of(source: str, tree: ast.Module) -> tuple[ModuleType, int, list[str]]:
    """Run the code. A script that fails or searches after it defined its model is used up to there."""
    try:
        return run_source(source), 0, []
    except (Exception, SystemExit, tuner_modules.Leaves) as error:
        module, stop = sys.modules[MODULE], _statement_of(error, tree)
        entry = find_entry(module, tree)
        if not stop or entry is None:
            raise
        first = next((line for line, _ in left_out(tree)), stop)
        cut = min(stop, first) if entry.line < first else stop
        searches = isinstance(error, tuner_modules.Leaves)
        why = (
            "runs its own search" if searches else f"stops ({type(error).__name__}: {error})"[:300]
        )
        note = (
            f"Code is used up to line {cut - 1}: line {stop} {why}. Choose data, "
            "epochs and search in the form of an experiment."
        )
        return module, cut, [note]


def _statement_of(error: BaseException, tree: ast.Module) -> int:
    """First line of the module's outermost statement that raised; 0: none."""
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename == FILE and frame.name == "<module>" and frame.lineno:
            inside = [
                n for n in tree.body if n.lineno <= frame.lineno <= (n.end_lineno or n.lineno)
            ]
            return inside[0].lineno if inside else 0
    return 0


def problem_of(error: BaseException) -> SpaceRead:
    """The problem with its line in the code, 0 without one."""
    if isinstance(error, SyntaxError) and error.filename == FILE:
        return _problem(f"Python syntax error: {error.msg}.", error.lineno or 0)
    if isinstance(error, ModelProblem):
        return _problem(str(error), error.line or deepest_line(error))
    if isinstance(error, Unstable | BadRow):
        return _problem(str(error), deepest_line(error))
    if isinstance(error, SystemExit):
        return _problem("The code exited the program (sys.exit).", deepest_line(error))
    text = "".join(traceback.format_exception(error))[-20_000:]
    return _problem(
        f"{type(error).__name__}: {first_line(error)[:500]}", deepest_line(error), text
    )


def _problem(problem: str, line: int, text: str = "") -> SpaceRead:
    return SpaceRead(problem=problem, line=line, traceback=text)


def deepest_line(error: BaseException) -> int:
    """The innermost line of the code in a traceback; 0: none."""
    lines = [
        frame.lineno or 0
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == FILE
    ]
    return lines[-1] if lines else 0
