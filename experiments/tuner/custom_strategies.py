"""Runs custom samplers, pruners and tuners in their sandbox.

Their process stays for a turn, the sandbox with numpy in it for as long as the worker serves the project.
"""

import threading
import traceback
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, TypeVar

import numpy as np

from experiments.models import HyperModel, HyperModelVersion
from experiments.search.history import History, ObservedTrial
from experiments.search.problems import Problem
from experiments.search.space.space import Space
from experiments.search.strategies.custom import version_of
from experiments.search.strategies.registry import UnknownStrategy, make_pruner, make_sampler
from experiments.search.strategies.strategy_json import (
    BadAnswer,
    history_to_json,
    read_decision,
    read_promotion,
    read_rungs,
    read_score,
    read_suggestion,
    read_words,
    trial_to_json,
)
from experiments.search.strategy import Decision, Promotion, Pruner, Sampler, Suggestion
from experiments.search.tuner import Outcome, Tuner
from experiments.services.code.sandbox_status import code_refusal, isolation_here
from experiments.training.code_messages import StrategyOrder
from experiments.training.sandbox import SandboxMissing
from experiments.training.sandboxed import SandboxedPool
from experiments.training.strategy_client import AskFailed, Session
from experiments.tuner.worker_pools import code_scope, sandboxed_pool

HOST = "experiments.training.child.strategy_host"
CHECK_SECONDS = 60.0
MOST_TRACEBACK = 20_000  # characters
Kind = HyperModel.Kind
T = TypeVar("T")


class _Here(threading.local):
    """A thread's own sandbox and its sessions: a pool is for one thread."""

    def __init__(self) -> None:
        self.pools: list[SandboxedPool] = []
        self.sessions: dict[tuple[int, str], Session] = {}


_here = _Here()


def sampler_of(slug: str, options: Mapping[str, Any]) -> Sampler:
    """The sampler or tuner of an experiment. Raises: UnknownStrategy, OptionsError."""
    version = _version(slug, Kind.SAMPLER, Kind.TUNER)
    if version is None:
        return make_sampler(slug, options)
    kind = OwnTuner if version.hypermodel.kind == Kind.TUNER else OwnSampler
    return kind(_CustomClass(version, dict(options)))


def pruner_of(slug: str, options: Mapping[str, Any]) -> Pruner:
    """The pruner of an experiment. Raises: UnknownStrategy, OptionsError."""
    version = _version(slug, Kind.PRUNER)
    if version is None:
        return make_pruner(slug, options)
    return OwnPruner(_CustomClass(version, dict(options)))


def tuner_of(slug: str, options: Mapping[str, Any]) -> Tuner | None:
    """The tuner that ends the search and scores its trials; None without a custom one."""
    found = sampler_of(slug, options)
    return found if isinstance(found, Tuner) else None


def described(version: HyperModelVersion) -> Any:
    """The class's own description as JSON, unchecked. Raises: AskFailed."""
    return _CustomClass(version, {}).ask("describe")


def checked(version: HyperModelVersion) -> Any:
    """The result of each rule as JSON, unchecked. Raises: AskFailed."""
    return _CustomClass(version, {}).ask("check")


def traceback_of(error: BaseException) -> str:
    """The traceback that the sandbox sent with an error, else the one of this process."""
    sent = getattr(error, "traceback", "")
    return str(sent or "".join(traceback.format_exception(error)))[-MOST_TRACEBACK:]


def end_sessions() -> None:
    """End this turn's processes: the next question gets one without memory."""
    while _here.sessions:
        _here.sessions.popitem()[1].close()


def close() -> None:
    """End the sandbox too."""
    end_sessions()
    while _here.pools:
        _here.pools.pop().close()


def _version(slug: str, *kinds: str) -> HyperModelVersion | None:
    pk = version_of(slug)
    if pk is None:
        return None
    versions = HyperModelVersion.objects.select_related("hypermodel")
    found = versions.filter(pk=pk, hypermodel__kind__in=kinds).first()
    if found is None:
        raise UnknownStrategy(f"This site no longer has the code of {slug}.")
    return found


@dataclass(frozen=True, slots=True)
class _CustomClass:
    """One version with its options; its first question in a turn opens a session."""

    version: HyperModelVersion
    options: dict[str, Any] = field(default_factory=dict)

    def ask(self, what: str, **body: Any) -> Any:
        key = (self.version.pk, repr(sorted(self.options.items())))
        if key not in _here.sessions:
            order = StrategyOrder(uuid.uuid4().hex, self.version.source, self.options)
            scope = code_scope(self.version.hypermodel.project_id)
            try:
                _here.sessions[key] = Session(_pool(), order, scope, seconds=CHECK_SECONDS)
            except SandboxMissing as missing:
                raise AskFailed(code_refusal(isolation_here())) from missing
        try:
            return _here.sessions[key].ask(what, **body)
        except AskFailed:
            _here.sessions.pop(key).close()
            raise

    def read(self, read: Callable[[Any], T], what: str, **body: Any) -> T:
        """The checked answer. Raises: AskFailed."""
        try:
            return read(self.ask(what, **body))
        except BadAnswer as error:
            raise AskFailed(f"Invalid result of {what}: {error}") from error


def _pool() -> SandboxedPool:
    if not _here.pools:
        _here.pools.append(sandboxed_pool(isolation_here(), program=HOST))
    return _here.pools[0]


@dataclass(frozen=True, slots=True)
class OwnSampler:
    """Implements `strategy.Sampler` by asking in the sandbox."""

    custom: _CustomClass
    slug: ClassVar[str] = "own_code"
    label: ClassVar[str] = "Custom code"
    help: ClassVar[str] = "Custom code of the project."

    def problems(self, space: Space) -> list[Problem]:
        """None here: the sandbox checks the space with the first suggestion."""
        del space
        return []

    def suggest(
        self, space: Space, history: History, number: int, rng: np.random.Generator
    ) -> Suggestion | None:
        """Ask it; the sandbox makes a generator of the same seed. Raises: AskFailed."""
        del rng
        return self.custom.read(
            read_suggestion,
            "suggest",
            space=space.to_dict(),
            history=history_to_json(history),
            number=number,
            seed=[history.seed % 2**64, number],
        )


class OwnTuner(OwnSampler, Tuner):
    """Implements `Tuner` by asking in the sandbox."""

    __slots__ = ()

    def is_over(self, space: Space, history: History) -> str:
        """Raises: AskFailed."""
        body = {"space": space.to_dict(), "history": history_to_json(history)}
        return self.custom.read(read_words, "is_over", **body)

    def score(self, outcome: Outcome) -> float | None:
        """Raises: AskFailed."""
        return self.custom.read(read_score, "score", outcome=asdict(outcome))


@dataclass(slots=True)
class OwnPruner:
    """Implements `strategy.Pruner` by asking in the sandbox; every method raises AskFailed.

    Answers that follow from epochs alone are asked for once.
    """

    custom: _CustomClass
    slug: ClassVar[str] = "own_code"
    label: ClassVar[str] = "Custom code"
    help: ClassVar[str] = "Custom code of the project."
    _rungs: dict[int, tuple[int, ...]] = field(default_factory=dict)
    _looks: dict[tuple[int, int], bool] = field(default_factory=dict)

    def rungs(self, epochs: int) -> tuple[int, ...]:
        if epochs not in self._rungs:
            self._rungs[epochs] = self.custom.read(read_rungs, "rungs", epochs=epochs)
        return self._rungs[epochs]

    def looks_at(self, epoch: int, epochs: int) -> bool:
        key = (epoch, epochs)
        if key not in self._looks:
            self._looks[key] = self.custom.ask("looks_at", epoch=epoch, epochs=epochs) is True
        return self._looks[key]

    def decide(self, trial: ObservedTrial, history: History) -> Decision:
        return self._decision("decide", trial, history)

    def after_execution(self, trial: ObservedTrial, history: History) -> Decision:
        return self._decision("after_execution", trial, history)

    def promote(self, history: History) -> Promotion | None:
        return self.custom.read(read_promotion, "promote", history=history_to_json(history))

    def _decision(self, what: str, trial: ObservedTrial, history: History) -> Decision:
        body = {"trial": trial_to_json(trial), "history": history_to_json(history)}
        return self.custom.read(read_decision, what, **body)
