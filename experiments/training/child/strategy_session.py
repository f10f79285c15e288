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
TOLD = ("name", "label", "help", "default", "lowest", "highest")  # of an option
Asked = dict[str, Any]


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


def _question(sock: socket.socket) -> Asked:
    pieces, more = [], True
    while more:
        message = frames.receive(sock)
        if not isinstance(message, Question):
            raise EOFError("expected a question")
        pieces.append(message.text)
        more = message.more
    asked: Asked = of_text("".join(pieces))
    return asked


class Session:
    """One class, loaded when it is first asked."""

    def __init__(self, order: StrategyOrder) -> None:
        self._order = order
        self._plugin: Plugin | None = None

    def answer(self, asked: Asked) -> Answer:
        """The answer, or what the code raised and where."""
        try:
            text = to_text({"answer": ASK[asked["ask"]](self, asked)})
            if len(text) > frames.FRAME_LIMIT // 2:
                raise ValueError("The result is longer than 500 kB.")
            return Answer(text)
        # The border: whatever the code raises is what its author has to see.
        except (Exception, SystemExit) as error:
            return _told(error)

    @property
    def source(self) -> str:
        return self._order.source

    @property
    def plugin(self) -> Plugin:
        """The class. Raises: PluginError."""
        if self._plugin is None:
            self._plugin = read_text(self._order.source, FILE)
        return self._plugin

    @property
    def strategy(self) -> Any:
        """The object that is asked, a new one each time: it has no state that could count."""
        return self.plugin.kind(**self._order.options)


def _describe(session: Session, _asked: Asked) -> Any:
    plugin = session.plugin
    kind = plugin.kind
    return {
        "role": plugin.role,
        "slug": kind.slug,
        "label": kind.label,
        "help": kind.help,
        "line": _line_of_class(session, kind),
        "options": [
            {name: getattr(each, name) for name in TOLD} | {"choices": list(each.choices)}
            for each in declared(kind)
        ],
    }


def _line_of_class(session: Session, kind: Any) -> int:
    lines = session.source.splitlines()
    found = (n for n, line in enumerate(lines, 1) if line.startswith(f"class {kind.__name__}"))
    return next(found, 1)


def _suggest(session: Session, asked: Asked) -> Any:
    space, strategy = Space.from_dict(asked["space"]), session.strategy
    wrong: list[Problem] = list(strategy.problems(space))
    if wrong:
        raise CannotSearch(wrong[0].message)
    rng = np.random.default_rng(asked["seed"])
    found = strategy.suggest(space, history_of_json(asked["history"]), asked["number"], rng)
    return None if found is None else _plain(asdict(found))


def _decide(session: Session, asked: Asked) -> Any:
    ask = getattr(session.strategy, asked["ask"])
    return _plain(asdict(ask(trial_of_json(asked["trial"]), history_of_json(asked["history"]))))


def _promote(session: Session, asked: Asked) -> Any:
    found = session.strategy.promote(history_of_json(asked["history"]))
    return None if found is None else _plain(asdict(found))


def _is_over(session: Session, asked: Asked) -> Any:
    space = Space.from_dict(asked["space"])
    return session.strategy.is_over(space, history_of_json(asked["history"]))


def _score(session: Session, asked: Asked) -> Any:
    told = asked["outcome"]
    curves = tuple(tuple(curve) for curve in told["curves"])
    outcome = Outcome(**{**told, "executions": tuple(told["executions"]), "curves": curves})
    return _plain(session.strategy.score(outcome))


def _check(session: Session, _asked: Asked) -> Any:
    """Each rule by its words, whether it holds, and what was raised where it doesn't."""
    plugin, strategy = session.plugin, session.strategy
    rules = RULES[plugin.role]
    return [_kept(words, rule, strategy) for words, rule in rules]


def _kept(words: str, rule: Callable[[Any], bool], strategy: Any) -> dict[str, Any]:
    try:
        passed = bool(rule(strategy))
    # One rule's mistake must not hide how the others did.
    except (Exception, SystemExit) as error:
        told = _told(error)
        return {"words": words, "passed": False, **asdict(told)}
    problem = "" if passed else "Not fulfilled."
    return {"words": words, "passed": passed, **asdict(Answer(problem=problem))}


def _rungs(session: Session, asked: Asked) -> Any:
    return _plain(list(session.strategy.rungs(asked["epochs"])))


def _looks_at(session: Session, asked: Asked) -> Any:
    return bool(session.strategy.looks_at(asked["epoch"], asked["epochs"]))


ASK: dict[str, Callable[[Session, Asked], Any]] = {
    "describe": _describe,
    "check": _check,
    "suggest": _suggest,
    "is_over": _is_over,
    "score": _score,
    "rungs": _rungs,
    "looks_at": _looks_at,
    "decide": _decide,
    "after_execution": _decide,
    "promote": _promote,
}


def _plain(value: Any) -> Any:
    """numpy's numbers as Python's: people compute with them and JSON knows none."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.item() if isinstance(value, np.generic) else value


def _told(error: BaseException) -> Answer:
    if isinstance(error, CannotSearch):
        return Answer(problem=f"It can't search this space: {error}")
    # What a class raised while it was loaded stands behind the sentence about it.
    source = error.__cause__ if isinstance(error, PluginError) and error.__cause__ else error
    text = "".join(traceback.format_exception(source))[-TRACEBACK:]
    words = str(error) if isinstance(error, PluginError) else f"{type(error).__name__}: {error}"
    return Answer(problem=words[:500], line=_line(source), traceback=text)


def _line(error: BaseException) -> int:
    if isinstance(error, SyntaxError):
        return error.lineno or 0
    found = traceback.extract_tb(error.__traceback__)
    return next((f.lineno or 0 for f in reversed(found) if f.filename == str(FILE)), 0)
