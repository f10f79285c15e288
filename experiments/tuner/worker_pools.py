"""The pools of a trial worker: plain for catalog models, sandboxed for custom code."""

from collections.abc import Sequence

from experiments import storage
from experiments.catalog.code import SLUG as CODE
from experiments.services.code.sandbox_status import code_refusal, limits_here
from experiments.training.messages import Failure, Message, StopReason, TrialOrder
from experiments.training.pool import PROGRAM, TrainingPool
from experiments.training.pool_protocols import TrialRun
from experiments.training.sandbox import Isolation
from experiments.training.sandboxed import SandboxedPool


def code_scope(project_pk: int) -> str:
    """The scope of a project's code: it shares nothing with others."""
    return f"project-{project_pk}"


def sandboxed_pool(isolation: Isolation, *, program: str = PROGRAM) -> SandboxedPool:
    """A pool for code, in this installation's limits and as SANDBOX says."""
    return SandboxedPool(
        storage.data_dir() / "sandboxes",
        isolation,
        limits_here(),
        program=program,
        must_isolate=bool(code_refusal(isolation)),
    )


class WorkerPool:
    """Implements `pool_protocols.Pool`: custom code goes to the sandbox."""

    def __init__(
        self, isolation: Isolation, plain: TrainingPool, sandboxed: SandboxedPool | None
    ) -> None:
        """`sandboxed`: None where the isolation isn't whole."""
        self._plain = plain
        self._isolation = isolation
        self._sandboxed = sandboxed

    @classmethod
    def new(cls, isolation: Isolation) -> "WorkerPool":
        """With hosts of its own, which aren't started yet."""
        sandboxed = sandboxed_pool(isolation) if isolation.is_whole else None
        return cls(isolation, TrainingPool(), sandboxed)

    def start(self) -> None:
        """Begin to warm what catalog models need."""
        self._plain.start()

    def wait_until_ready(self, timeout_seconds: float) -> bool:
        return self._plain.wait_until_ready(timeout_seconds)

    def run(self, order: TrialOrder) -> TrialRun:
        """Begin a trial; code is refused where it must be isolated but can't."""
        if order.model.slug != CODE:
            return self._plain.run(order)
        if self._sandboxed is not None:
            return self._sandboxed.run(order)
        refusal = code_refusal(self._isolation)
        return RefusedRun(refusal) if refusal else self._plain.run(order)

    def close(self) -> None:
        self._plain.close()
        if self._sandboxed is not None:
            self._sandboxed.close()


class RefusedRun:
    """Implements `pool_protocols.TrialRun` for a trial that must not run here: it only says why."""

    pid: int | None = None

    def __init__(self, words: str) -> None:
        """`words`: a sentence for the trial's page."""
        self._left: Sequence[Message] = (Failure(0, "user_code", words),)

    def receive(self, timeout_seconds: float) -> Message | None:
        message = next(iter(self._left), None)
        self._left = ()
        return message

    def stop(self, reason: StopReason) -> None:
        """Nothing runs."""

    def kill(self) -> None:
        """Nothing runs."""

    def exit_status(self) -> int | None:
        return None if self._left else 0

    def close(self) -> None:
        """Nothing runs."""
