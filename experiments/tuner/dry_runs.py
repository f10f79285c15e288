"""Dry runs of a plan's configurations in children."""

import shutil
import tempfile
import time
import uuid
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from experiments import storage
from experiments.models import DatasetVersion, Experiment, Trial
from experiments.plan import ExperimentPlan
from experiments.search.history import Values
from experiments.services.site.trial_memory import memory_limit
from experiments.services.trials.failures import signal_words
from experiments.training.dry_run_messages import CheckName, DryRunResult
from experiments.training.frames import FrameError
from experiments.training.messages import (
    ExecutionOrder,
    Failure,
    ModelOrder,
    TrialOrder,
)
from experiments.tuner.orders import data_order, fit_order
from experiments.tuner.resource_usage import memory_of
from experiments.tuner.worker_context import WorkerContext

LONGEST_SECONDS = 12.0  # of one configuration
STEP_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of a configuration. works: it trains, maybe to NaN; slow: it didn't finish in time.

    seconds: from the order to the child's answer. cause: of a failure, the check that names it.
    """

    kind: Literal["works", "fails", "slow"]
    measured: DryRunResult | None = None
    message: str = ""
    seconds: float = 0.0
    cause: CheckName | None = None


class DryRuns:
    """Tries configurations of one plan, one after another."""

    def __init__(
        self,
        plan: ExperimentPlan,
        version: DatasetVersion,
        split: str,
        context: WorkerContext,
        scope: str,
    ) -> None:
        """split: its hash; scope: the project of custom code. Raises: OSError without the data."""
        self._plan = plan
        self._scope = scope
        self._data = data_order(version, split, plan.protocol, plan.layers)
        self._context = context

    def attempt(self, values: Values, seconds: float, *, train: float) -> Outcome:
        """Try one configuration for at most so long. train: seconds to train it for."""
        storage.trials_folder().mkdir(parents=True, exist_ok=True)
        folder = tempfile.mkdtemp(prefix=".dry-run-", dir=storage.trials_folder())
        try:
            order = self._order(values, Path(folder), train)
            return self._watched(order, min(seconds, LONGEST_SECONDS))
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _watched(self, order: TrialOrder, seconds: float) -> Outcome:
        began = time.monotonic()
        deadline = began + seconds
        with closing(self._context.pool.run(order)) as run:
            while time.monotonic() < deadline:
                try:
                    message = run.receive(STEP_SECONDS)
                except FrameError as error:
                    return Outcome(
                        "fails", message=f"The training process sent an invalid message: {error}"
                    )
                match message:
                    case DryRunResult():
                        return self._judged(message, time.monotonic() - began)
                    case Failure():
                        cause: CheckName | None = (
                            "memory" if message.kind == "out_of_memory" else None
                        )
                        return Outcome("fails", message=message.message, cause=cause)
                    case None if (status := run.exit_status()) is not None:
                        return Outcome("fails", message=signal_words(status))
                if run.pid is not None and memory_of(run.pid) > memory_limit():
                    return Outcome("fails", message=_too_much(memory_limit()), cause="memory")
                self._context.beat(None)
        return Outcome("slow", message=f"A few batches took longer than {seconds:.0f} s.")

    def _judged(self, measured: DryRunResult, seconds: float) -> Outcome:
        needed = max(measured.memory_bytes, measured.activation_bytes or 0)
        if needed > memory_limit():
            words = _too_much(memory_limit(), needed)
            return Outcome("fails", measured, words, seconds, cause="memory")
        return Outcome("works", measured, seconds=seconds)

    def _order(self, values: Values, folder: Path, train: float) -> TrialOrder:
        plan = self._plan
        # Never saved: the order of a real trial is made from these two records.
        experiment = Experiment(
            objective=plan.objective,
            direction=plan.direction,
            plan={
                "fit": plan.fit.to_dict(),
                "score_rule": plan.score_rule,
                "metrics": list(plan.metrics),
            },
        )
        fit = fit_order(experiment, Trial(values=dict(values)), self._context.threads)
        return TrialOrder(
            trial=0,
            number=0,
            token=f"dry-run-{uuid.uuid4()}",
            values=dict(values),
            model=ModelOrder(plan.model, list(plan.layers), self._scope),
            data=self._data,
            fit=fit,
            executions=[ExecutionOrder(execution=0, part=0, repeat=0, seed=plan.seed)],
            directory=str(folder),
            dry_run_seconds=train,
        )


def _too_much(limit: int, needed: int | None = None) -> str:
    amount = f"about {needed / 1e9:.1f} GB, more" if needed else "more"
    return f"It needs {amount} than the limit of {limit / 1e9:.1f} GB per trial."
