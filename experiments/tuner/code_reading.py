"""Reads and checks custom code in a warm sandbox."""

import logging
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

from experiments.models import HyperModel, HyperModelVersion
from experiments.search.strategies.strategy_json import BadAnswer, read_description, read_kept
from experiments.services.code.sandbox_status import code_refusal, isolation_here
from experiments.services.code.versions import record_checks, record_reading
from experiments.training.code_messages import (
    CheckedPart,
    CheckOrder,
    CodeChecked,
    SpaceOrder,
    SpaceRead,
)
from experiments.training.frames import FrameError
from experiments.training.pool_protocols import HostFailed
from experiments.training.sandbox import SandboxMissing
from experiments.training.sandboxed import SandboxedPool
from experiments.training.strategy_client import AskFailed
from experiments.tuner import custom_strategies
from experiments.tuner.worker_pools import code_scope, sandboxed_pool

SECONDS = 60.0
CLASSES, SHAPE = 10, (28, 28, 1)  # for code that asks for either

T = TypeVar("T")
log = logging.getLogger(__name__)
_pools: list[SandboxedPool] = []  # at most one: the sandbox of this process


def read_code(version_pk: int) -> None:
    """Run a version's code in the sandbox and store its space, or its problem."""
    version = HyperModelVersion.objects.select_related("hypermodel").get(pk=version_pk)
    is_strategy = version.hypermodel.kind in HyperModel.STRATEGIES
    record_reading(version_pk, _description(version) if is_strategy else _space(version))


def check_code(version_pk: int) -> None:
    """Check every part of a version and store the results."""
    version = HyperModelVersion.objects.select_related("hypermodel").get(pk=version_pk)
    is_strategy = version.hypermodel.kind in HyperModel.STRATEGIES
    record_checks(version_pk, asdict(_rules(version) if is_strategy else _parts(version)))


def warm_up(project_pk: int) -> None:
    """Load TensorFlow in the project's sandbox while its author still writes."""
    try:
        _reading_pool().warm(code_scope(project_pk))
    except SandboxMissing as missing:
        log.warning("code can't be read on this machine: %s", missing)


def ask_sandbox(ask: Callable[[SandboxedPool], T], failed: Callable[..., T], what: object) -> T:
    """The sandbox's answer; `failed(problem=…)` where it has none."""
    try:
        return ask(_reading_pool())
    except SandboxMissing:
        return failed(problem=code_refusal(isolation_here()))
    except (HostFailed, FrameError, OSError) as error:
        log.warning("running %s failed: %s", what, error)
        _reading_pool().discard()
        return failed(problem=f"Running it failed: {error}")


def _space(version: HyperModelVersion) -> dict[str, Any]:
    order = SpaceOrder(f"space-{version.pk}", version.source, CLASSES, list(SHAPE))
    scope = code_scope(version.hypermodel.project_id)
    read = ask_sandbox(
        lambda pool: pool.read_space(order, scope, seconds=SECONDS), SpaceRead, version
    )
    return asdict(read)


def _description(version: HyperModelVersion) -> dict[str, Any]:
    """Label, help and options of a sampler, pruner or tuner, as JSON."""
    try:
        return {"strategy": read_description(custom_strategies.described(version))}
    except AskFailed as failure:
        problem, line, text = failure.message, failure.line, failure.traceback
        return {"problem": problem, "line": line, "traceback": text}
    except BadAnswer as error:
        return {"problem": f"It has no valid description: {error}"}
    finally:
        custom_strategies.end_sessions()


def _parts(version: HyperModelVersion) -> CodeChecked:
    order = CheckOrder(f"check-{version.pk}", version.source, CLASSES, list(SHAPE))
    scope = code_scope(version.hypermodel.project_id)
    return ask_sandbox(
        lambda pool: pool.check(order, scope, seconds=SECONDS), CodeChecked, version
    )


def _rules(version: HyperModelVersion) -> CodeChecked:
    """Whether a sampler, pruner or tuner kept each rule."""
    line = version.reading.get("strategy", {}).get("line", 0)
    try:
        kept = [read_kept(each, line) for each in custom_strategies.checked(version)]
    except AskFailed as failure:
        return CodeChecked([], failure.message, failure.line, failure.traceback)
    except (BadAnswer, TypeError):
        return CodeChecked([], "Not checked.")
    finally:
        custom_strategies.end_sessions()
    return CodeChecked([CheckedPart("rule", "Rule", **each) for each in kept])


def _reading_pool() -> SandboxedPool:
    if not _pools:
        _pools.append(sandboxed_pool(isolation_here()))
    return _pools[0]
