"""SandboxedPool: runs trials of custom code in the sandbox.

A host serves one project;
it is discarded before another project's code, and after a trial that exceeded a limit.
"""

import time
from contextlib import closing, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from experiments.training.code_messages import (
    CheckOrder,
    CodeChecked,
    ScriptEnded,
    ScriptOrder,
    SpaceOrder,
    SpaceRead,
    StrategyOrder,
)
from experiments.training.messages import (
    ChildStarted,
    Failure,
    LogLine,
    Message,
    StopReason,
    TrialOrder,
)
from experiments.training.pool import PROGRAM, TrainingPool
from experiments.training.processes import family_of, resident_bytes
from experiments.training.run import ChildRun
from experiments.training.sandbox import (
    Isolation,
    Limits,
    SandboxMissing,
    inside_environment,
    sandbox_command,
    sandbox_uid,
)
from experiments.training.sandbox_files import BadOutput, Exchange, TrialFiles

WATCH_SECONDS = 0.5
LEAVE_SECONDS = 2.0  # for a child that has answered
GIB = 1 << 30
Answer = TypeVar("Answer", SpaceRead, CodeChecked, ScriptEnded)


class SandboxedPool:
    """Implements `pool_protocols.Pool` for orders whose model is code. For one thread, one trial at a time."""

    def __init__(
        self,
        folder: Path,
        isolation: Isolation,
        limits: Limits,
        *,
        program: str = PROGRAM,
        must_isolate: bool = True,
    ) -> None:
        """`folder`: on the file system of datasets and trials; its parent is hidden inside.

        must_isolate: nothing runs without the sandbox; else it runs as this process's user.
        """
        self._folder = folder
        self._isolation = isolation
        self._limits = limits
        self._program = program
        self._must_isolate = must_isolate
        self._watched = float("-inf")
        self._scope = ""
        self._pool: TrainingPool | None = None
        self._exchange: Exchange | None = None

    @property
    def host_pid(self) -> int | None:
        """The sandbox's process, or None before the first trial."""
        return self._pool.host_pid if self._pool else None

    def start(self) -> None:
        """Do nothing: hosts start with their project's first code."""

    def warm(self, scope: str) -> None:
        """Begin to warm the host of a project; returns at once. Raises: SandboxMissing."""
        pool, _ = self._host_for(scope)
        pool.start()

    def wait_until_ready(self, timeout_seconds: float) -> bool:
        """Whether the host of the last project is warm. Raises: HostFailed."""
        return self._pool is None or self._pool.wait_until_ready(timeout_seconds)

    def run(self, order: TrialOrder) -> "SandboxedRun":
        """Begin a trial. Raises: SandboxMissing."""
        pool, exchange = self._host_for(order.model.scope)
        files = exchange.open(order, self._limits.written_bytes)
        return SandboxedRun(pool.run(files.order), files, self._limits, self)

    def read_space(self, order: SpaceOrder, scope: str, *, seconds: float) -> SpaceRead:
        """Read the search space of custom code. Raises: SandboxMissing, HostFailed."""
        return self._ask(order, scope, SpaceRead, seconds)

    def check(self, order: CheckOrder, scope: str, *, seconds: float) -> CodeChecked:
        """Check custom code against its contracts. Raises: SandboxMissing, HostFailed."""
        return self._ask(order, scope, CodeChecked, seconds)

    def run_script(self, order: ScriptOrder, scope: str, *, seconds: float) -> ScriptEnded:
        """Run a script to its end. Raises: SandboxMissing, HostFailed."""
        _, exchange = self._host_for(scope)
        lent = exchange.lent(order) if self._isolation.is_whole else nullcontext(order)
        with lent as inside:
            return self._ask(inside, scope, ScriptEnded, seconds)

    def _ask(
        self,
        order: SpaceOrder | CheckOrder | ScriptOrder,
        scope: str,
        kind: type[Answer],
        seconds: float,
    ) -> Answer:
        """The child's answer, or one that only has a problem."""
        pool, _ = self._host_for(scope)
        pool.wait_until_ready(seconds)
        with closing(pool.run(order)) as run:
            answer = self._answer(run, kind, seconds)
            leaves_by = time.monotonic() + LEAVE_SECONDS
            while run.exit_status() is None and time.monotonic() < leaves_by and answer:
                run.receive(0.05)
            if run.exit_status() is None:
                run.kill()
            if run.exit_status() is None:
                self.discard()
        return answer or kind(problem=f"The code didn't finish within {seconds:g} s.")

    def _answer(self, run: ChildRun, kind: type[Answer], seconds: float) -> Answer | None:
        """What the child sends; None after `seconds`."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            message = run.receive(min(left, WATCH_SECONDS))
            if isinstance(message, kind):
                return message
            if isinstance(message, Failure):
                return kind(problem=message.message)
            if message is None and (status := run.exit_status()) is not None:
                return kind(problem=f"The code exited its process (status {status}).")
            if words := self.exceeded_limit(run):
                return kind(problem=words)
        return None

    def begin(self, order: StrategyOrder, scope: str) -> ChildRun:
        """Begin a session, which the caller closes. Raises: SandboxMissing."""
        pool, _ = self._host_for(scope)
        return pool.run(order)

    def exceeded_limit(self, run: ChildRun) -> str:
        """The limit that code without files exceeded, as a sentence; memory is read twice a second."""
        if run.printed_bytes > self._limits.printed_bytes:
            return "The code printed too much."
        now = time.monotonic()
        if now - self._watched < WATCH_SECONDS:
            return ""
        self._watched = now
        most = self._limits.memory_bytes
        if self.memory_bytes() <= most:
            return ""
        return f"The code used more than the limit of {most / GIB:.1f} GB memory."

    def pump(self) -> None:
        """Receive the host's messages, without waiting."""
        if self._pool is not None:
            self._pool.pump()

    def memory_bytes(self) -> int:
        """Resident memory inside, without the host."""
        pid = self.host_pid
        hosts = 2 if self._isolation.is_whole else 1  # bubblewrap is the first of two
        return sum(map(resident_bytes, family_of(pid)[hosts:])) if pid else 0

    def discard(self) -> None:
        """End the host and all that runs in it."""
        if self._pool is not None:
            self._pool.close()
        if self._exchange is not None:
            self._exchange.remove()
        self._pool = self._exchange = None

    close = discard

    def _host_for(self, scope: str) -> tuple[TrainingPool, Exchange]:
        if self._must_isolate and not self._isolation.is_whole:
            raise SandboxMissing(self._isolation.problem)
        if scope != self._scope:
            self.discard()
        if self._pool is None or self._exchange is None:
            self._exchange = Exchange(self._folder, sandbox_uid())
            self._pool = self._new_host(self._exchange.folder)
            self._scope = scope
        return self._pool, self._exchange

    def _new_host(self, exchange: Path) -> TrainingPool:
        if not self._isolation.is_whole:
            return TrainingPool(program=self._program)
        return TrainingPool(
            program=self._program,
            environment=inside_environment(),
            wrapper=sandbox_command(self._isolation.program, str(self._folder.parent), exchange),
            options=self._limits.options(sandbox_uid()),
        )


class SandboxedRun:
    """Implements `pool_protocols.TrialRun`: passes messages on with files collected, and watches the limits."""

    def __init__(
        self, run: ChildRun, files: TrialFiles, limits: Limits, pool: SandboxedPool
    ) -> None:
        self._run = run
        self._files = files
        self._limits = limits
        self._pool = pool
        self._began = self._watched = time.monotonic()
        self._log_bytes = 0
        self._is_healthy = True  # no limit was exceeded, and the child could be ended
        self._refused = False  # a file of the child was: its later messages are ignored

    @property
    def pid(self) -> int | None:
        return self._run.pid

    def receive(self, timeout_seconds: float) -> Message | None:
        """Return the next message, or a failure where a limit is passed."""
        message = self._run.receive(timeout_seconds)
        if isinstance(message, LogLine):
            self._log_bytes += len(message.text) + 1
        problem = self._exceeded_limit()
        if problem is not None:
            self._is_healthy = False
            self.kill()
            return problem
        if message is None or (self._refused and not isinstance(message, LogLine)):
            return None
        if isinstance(message, ChildStarted):
            self._pool.pump()  # the host sends the child's id before the child can send
            return replace(message, pid=self.pid or 0)
        try:
            return self._files.collect(message)
        except (BadOutput, OSError) as error:
            self._refused = True
            self.kill()
            return Failure(0, "user_code", f"The trial's files can't be stored: {error}")

    def stop(self, reason: StopReason) -> None:
        self._run.stop(reason)

    def kill(self) -> None:
        """End the child and its descendants; if that fails, the whole sandbox."""
        self._run.kill()
        self._is_healthy = self._is_healthy and self._run.exit_status() is not None
        if not self._is_healthy:
            self._pool.discard()

    def exit_status(self) -> int | None:
        return self._run.exit_status()

    def close(self) -> None:
        self._run.close()
        self._files.close()

    def _exceeded_limit(self) -> Failure | None:
        limits, now = self._limits, time.monotonic()
        if max(self._log_bytes, self._run.printed_bytes) > limits.printed_bytes:
            words = f"The code printed more than the limit of {limits.printed_bytes >> 20} MB."
            return Failure(0, "user_code", words)
        if now - self._watched < WATCH_SECONDS:
            return None
        self._watched = now
        if now - self._began > limits.seconds:
            words = f"The code exceeded the time limit of {limits.seconds:g} s."
            return Failure(0, "timeout", words)
        if self._files.written_bytes() > limits.written_bytes:
            words = f"The code wrote more than the limit of {limits.written_bytes / GIB:.1f} GB."
            return Failure(0, "user_code", words)
        if self._pool.memory_bytes() > limits.memory_bytes:
            words = (
                f"The code used more than the limit of {limits.memory_bytes / GIB:.1f} GB memory."
            )
            return Failure(0, "out_of_memory", words)
        return None
