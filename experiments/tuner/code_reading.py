"""Reads the search space of custom code in a warm sandbox."""

import logging
from dataclasses import asdict
from typing import Any

from experiments.models import HyperModel, HyperModelVersion
from experiments.search.strategies.strategy_json import BadAnswer, read_description
from experiments.services.code.sandbox_status import code_refusal, isolation_here
from experiments.services.code.versions import record_reading
from experiments.training.code_messages import SpaceOrder, SpaceRead
from experiments.training.frames import FrameError
from experiments.training.pool_protocols import HostFailed
from experiments.training.sandbox import SandboxMissing
from experiments.training.sandboxed import SandboxedPool
from experiments.training.strategy_client import AskFailed
from experiments.tuner import custom_strategies
from experiments.tuner.worker_pools import code_scope, sandboxed_pool

SECONDS = 60.0
CLASSES, SHAPE = 10, (28, 28, 1)  # for code that asks for either

log = logging.getLogger(__name__)
_pools: list[SandboxedPool] = []


def read_code(version_pk: int) -> None:
    """Run a version's code in the sandbox and keep what it asks for, or what is wrong with it."""
    version = HyperModelVersion.objects.select_related("hypermodel").get(pk=version_pk)
    is_strategy = version.hypermodel.kind in HyperModel.STRATEGIES
    record_reading(version_pk, strategy_told_of(version) if is_strategy else told_of(version))


def warm_up(project_pk: int) -> None:
    """Load TensorFlow in the project's sandbox while somebody still writes."""
    try:
        reading_pool().warm(code_scope(project_pk))
    except SandboxMissing as missing:
        log.warning("code can't be read on this machine: %s", missing)


def told_of(version: HyperModelVersion) -> dict[str, Any]:
    """What the code asks for, as JSON."""
    order = SpaceOrder(f"space-{version.pk}", version.source, CLASSES, list(SHAPE))
    scope = code_scope(version.hypermodel.project_id)
    try:
        return asdict(reading_pool().read_space(order, scope, seconds=SECONDS))
    except SandboxMissing:
        words = code_refusal(isolation_here())
    except (HostFailed, FrameError, OSError) as error:
        log.warning("reading %s failed: %s", version, error)
        reading_pool().discard()
        words = f"Running it failed: {error}"
    return asdict(SpaceRead(problem=words))


def strategy_told_of(version: HyperModelVersion) -> dict[str, Any]:
    """What a sampler, pruner or tuner says of itself, as JSON: its words and its options."""
    try:
        return {"strategy": read_description(custom_strategies.described(version))}
    except AskFailed as failure:
        problem, line, text = failure.message, failure.line, failure.traceback
        return {"problem": problem, "line": line, "traceback": text}
    except BadAnswer as error:
        return {"problem": f"It has no valid description: {error}"}
    finally:
        custom_strategies.end_sessions()


def reading_pool() -> SandboxedPool:
    """The sandbox of this process, made when it is first asked for."""
    if not _pools:
        _pools.append(sandboxed_pool(isolation_here()))
    return _pools[0]
