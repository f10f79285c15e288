"""Checks the parts of custom code in the sandbox."""

import logging
from dataclasses import asdict
from typing import Any

from experiments.models import HyperModel, HyperModelVersion
from experiments.search.strategies.strategy_json import BadAnswer, read_kept
from experiments.services.code.sandbox_status import code_refusal, isolation_here
from experiments.services.code.versions import record_checks
from experiments.training.code_messages import CheckedPart, CheckOrder, CodeChecked
from experiments.training.frames import FrameError
from experiments.training.pool_protocols import HostFailed
from experiments.training.sandbox import SandboxMissing
from experiments.training.strategy_client import AskFailed
from experiments.tuner import custom_strategies
from experiments.tuner.code_reading import CLASSES, SECONDS, SHAPE, reading_pool
from experiments.tuner.worker_pools import code_scope

log = logging.getLogger(__name__)


def check_code(version_pk: int) -> None:
    """Check every part of a version and keep how each did."""
    version = HyperModelVersion.objects.select_related("hypermodel").get(pk=version_pk)
    is_strategy = version.hypermodel.kind in HyperModel.STRATEGIES
    record_checks(version_pk, rules_of(version) if is_strategy else checks_of(version))


def rules_of(version: HyperModelVersion) -> dict[str, Any]:
    """How a sampler, pruner or tuner kept each rule, as JSON."""
    line = version.reading.get("strategy", {}).get("line", 0)
    try:
        kept = [read_kept(each, line) for each in custom_strategies.checked(version)]
    except (AskFailed, BadAnswer, TypeError) as failure:
        told = {name: getattr(failure, name, "") for name in ("line", "traceback")}
        problem = getattr(failure, "message", "Not checked.")
        return asdict(CodeChecked()) | {"problem": problem, **told, "line": told["line"] or 0}
    finally:
        custom_strategies.end_sessions()
    return asdict(CodeChecked([CheckedPart("rule", "Rule", **each) for each in kept]))


def checks_of(version: HyperModelVersion) -> dict[str, Any]:
    """How each part did, as JSON."""
    order = CheckOrder(f"check-{version.pk}", version.source, CLASSES, list(SHAPE))
    scope = code_scope(version.hypermodel.project_id)
    try:
        return asdict(reading_pool().check(order, scope, seconds=SECONDS))
    except SandboxMissing:
        words = code_refusal(isolation_here())
    except (HostFailed, FrameError, OSError) as error:
        log.warning("checking %s failed: %s", version, error)
        reading_pool().discard()
        words = f"Running it failed: {error}"
    return asdict(CodeChecked(problem=words))
