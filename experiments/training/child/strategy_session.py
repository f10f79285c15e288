"""Runs a custom sampler, pruner or tuner in its sandbox.

No TensorFlow.
"""

import socket
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from experiments.search.declarations import declared
from experiments.search.plugins import Plugin, PluginError, read_text
from experiments.search.problems import Problem
from experiments.search.pruner_rules import PRUNER_RULES
from experiments.search.sampler_rules import SAMPLER_RULES
from experiments.search.space.space import Space
from experiments.search.strategies.strategy_json import (
    history_of_json,
    of_text,
    to_text,
    trial_of_json,
)
from experiments.search.tuner import Outcome
from experiments.search.tuner_rules import TUNER_RULES
from experiments.training import frames
from experiments.training.child.forked import leave, take_log, volunteer_for_oom
from experiments.training.code_messages import Answer, Question, StrategyOrder
from experiments.training.messages import Order

RULES: dict[str, Sequence[tuple[str, Callable[[Any], bool]]]] = {
    "sampler": SAMPLER_RULES,
    "pruner": PRUNER_RULES,
    "tuner": (*SAMPLER_RULES, *TUNER_RULES),
}
FILE = Path("strategy.py")  # how tracebacks name it
TRACEBACK = 20_000
OPTION = ("name", "label", "help", "default", "lowest", "highest")  # of an option
Body = dict[str, Any]


class CannotSearch(Exception):
    """The sampler says that it can't search the space."""


def run_child(order: Order, sock: socket.socket, log: int) -> NoReturn:
    """Load the class, then answer question after question; ends when the worker closes its end."""
    take_log(log)
    volunteer_for_oom()
    if not isinstance(order, StrategyOrder):
        raise TypeError("This host runs only samplers, pruners and tuners.")
    session = Session(order)
    try:
        while True:
            frames.send(sock, session.answer(_question(sock)))
    except (EOFError, OSError):
        leave()


def _question(sock: socket.socket) -> Any:
    text, more = "", True
    while more:
        message = frames.receive(sock)
        if not isinstance(message, Question):
            raise EOFError("expected a question")
        text += message.text
        more = message.more
    return of_text(text)


class Session:
    """One class, loaded with the first question."""

    def __init__(self, order: StrategyOrder) -> None:
        self.source = order.source
        self._options = order.options
        self._plugin: Plugin | None = None

    def answer(self, body: Body) -> Answer:
        """The answer, or the error of the code and its line."""
        try:
            text = to_text({"answer": ANSWERS[body["ask"]](self, body)})
            if len(text) > frames.FRAME_LIMIT // 2:
                raise ValueError("The result is longer than 500 kB.")
            return Answer(text)
        # The border: whatever the code raises is what its author has to see.
        except (Exception, SystemExit) as error:
            return _error_answer(error)

    @property
    def plugin(self) -> Plugin:
        """The class. Raises: PluginError."""
        if self._plugin is None:
            self._plugin = read_text(self.source, FILE)
        return self._plugin

    @property
    def strategy(self) -> Any:
        """A new object for each question: it keeps no state."""
        return self.plugin.kind(**self._options)


def _describe(session: Session, _asked: Body) -> Any:
    plugin = session.plugin
    kind = plugin.kind
    lines, start = session.source.splitlines(), f"class {kind.__name__}"
    return {
        "role": plugin.role,
        "slug": kind.slug,
        "label": kind.label,
        "help": kind.help,
        "line": next((n for n, line in enumerate(lines, 1) if line.startswith(start)), 1),
        "options": [
            {name: getattr(each, name) for name in OPTION} | {"choices": list(each.choices)}
            for each in declared(kind)
        ],
    }


def _suggest(session: Session, body: Body) -> Any:
    space, strategy = Space.from_dict(body["space"]), session.strategy
    wrong: list[Problem] = list(strategy.problems(space))
    if wrong:
        raise CannotSearch(wrong[0].message)
    rng = np.random.default_rng(body["seed"])
    found = strategy.suggest(space, history_of_json(body["history"]), body["number"], rng)
    return None if found is None else _plain(asdict(found))


def _decide(session: Session, body: Body) -> Any:
    ask = getattr(session.strategy, body["ask"])
    return _plain(asdict(ask(trial_of_json(body["trial"]), history_of_json(body["history"]))))


def _promote(session: Session, body: Body) -> Any:
    found = session.strategy.promote(history_of_json(body["history"]))
    return None if found is None else _plain(asdict(found))


def _is_over(session: Session, body: Body) -> Any:
    space = Space.from_dict(body["space"])
    return session.strategy.is_over(space, history_of_json(body["history"]))


def _score(session: Session, body: Body) -> Any:
    outcome = body["outcome"]
    outcome["executions"] = tuple(outcome["executions"])
    outcome["curves"] = tuple(tuple(curve) for curve in outcome["curves"])
    return _plain(session.strategy.score(Outcome(**outcome)))


def _check(session: Session, _asked: Body) -> Any:
    """Each rule: its words, whether it holds, and the error if not."""
    strategy = session.strategy
    return [_kept(words, rule, strategy) for words, rule in RULES[session.plugin.role]]


def _kept(words: str, rule: Callable[[Any], bool], strategy: Any) -> dict[str, Any]:
    try:
        passed = bool(rule(strategy))
        answer = Answer(problem="" if passed else "Not fulfilled.")
    # One rule's error must not hide the results of the others.
    except (Exception, SystemExit) as error:
        passed, answer = False, _error_answer(error)
    return {"words": words, "passed": passed, **asdict(answer)}


ANSWERS: dict[str, Callable[[Session, Body], Any]] = {
    "describe": _describe,
    "check": _check,
    "suggest": _suggest,
    "is_over": _is_over,
    "score": _score,
    "rungs": lambda session, body: _plain(list(session.strategy.rungs(body["epochs"]))),
    "looks_at": lambda session, body: bool(
        session.strategy.looks_at(body["epoch"], body["epochs"])
    ),
    "decide": _decide,
    "after_execution": _decide,
    "promote": _promote,
}


def _plain(value: Any) -> Any:
    """numpy's numbers as Python's: JSON knows none of them."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.item() if isinstance(value, np.generic) else value


def _error_answer(error: BaseException) -> Answer:
    if isinstance(error, CannotSearch):
        return Answer(problem=f"It can't search this space: {error}")
    # The cause of a PluginError is what the class raised while it was loaded.
    source = error.__cause__ if isinstance(error, PluginError) and error.__cause__ else error
    text = "".join(traceback.format_exception(source))[-TRACEBACK:]
    words = str(error) if isinstance(error, PluginError) else f"{type(error).__name__}: {error}"
    return Answer(problem=words[:500], line=_line(source), traceback=text)


def _line(error: BaseException) -> int:
    if isinstance(error, SyntaxError):
        return error.lineno or 0
    found = traceback.extract_tb(error.__traceback__)
    return next((f.lineno or 0 for f in reversed(found) if f.filename == str(FILE)), 0)
