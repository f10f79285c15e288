"""SandboxedPool: runs trials of custom code in the sandbox.

A host serves one project: one
that ran another project's code is thrown away, and so is one whose trial ended badly.
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
    sandbox_uid,
    walls,
)
from experiments.training.sandbox_files import BadOutput, Desk, Exchange

WATCH_SECONDS = 0.5
LEAVE_SECONDS = 2.0  # for a child that has answered
GIB = 1 << 30
Answer = TypeVar("Answer", SpaceRead, CodeChecked, ScriptEnded)


class SandboxedPool:
    """Implements `contract.Pool` for orders whose model is code. For one thread, one trial at a time."""

    def __init__(
        self,
        folder: Path,
        isolation: Isolation,
        limits: Limits,
        *,
        program: str = PROGRAM,
        must_isolate: bool = True,
    ) -> None:
        """`folder`: on the file system of datasets and trials; the folder around it isn't seen inside.

        must_isolate: without walls nothing runs; else it runs as this process's own user.
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
        """The process that holds the walls, or None before the first trial."""
        return self._pool.host_pid if self._pool else None

    def start(self) -> None:
        """Nothing is warmed before somebody's code is to run."""

    def warm(self, scope: str) -> None:
        """Begin to warm the host of somebody's code; returns at once. Raises: SandboxMissing."""
        pool, _ = self._host_for(scope)
        pool.start()

    def wait_until_ready(self, timeout_seconds: float) -> bool:
        """Whether the host of the last project is warm. Raises: HostFailed."""
        return self._pool is None or self._pool.wait_until_ready(timeout_seconds)

    def run(self, order: TrialOrder) -> "SandboxedRun":
        """Begin a trial. Raises: SandboxMissing."""
        pool, exchange = self._host_for(order.model.scope)
        desk = exchange.open(order, self._limits.written_bytes)
        run = pool.run(desk.order)
        return SandboxedRun(run, desk, self._limits, self)

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
            if words := self.passed_limit(run):
                return kind(problem=words)
        return None

    def begin(self, order: StrategyOrder, scope: str) -> ChildRun:
        """Begin a session, which the caller closes. Raises: SandboxMissing."""
        pool, _ = self._host_for(scope)
        return pool.run(order)

    def passed_limit(self, run: ChildRun) -> str:
        """Which limit code that has no files passed, in a sentence; empty: none. Memory twice a second."""
        if run.printed_bytes > self._limits.printed_bytes:
            return "The code printed too much."
        now = time.monotonic()
        if now - self._watched < WATCH_SECONDS:
            return ""
        self._watched = now
        most = self._limits.memory_bytes
        used_too_much = self.memory_bytes() > most
        return f"The code used more than the limit of {most / GIB:.1f} GB memory." * used_too_much

    def pump(self) -> None:
        """Take what the host has said, without waiting."""
        if self._pool is not None:
            self._pool.pump()

    def memory_bytes(self) -> int:
        """The resident memory of everything inside but the host."""
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

    def close(self) -> None:
        self.discard()

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
            walls=walls(self._isolation.program, str(self._folder.parent), exchange),
            options=self._limits.told(sandbox_uid()),
        )


class SandboxedRun:
    """Implements `contract.TrialRun`: passes messages on with files collected, and watches the limits."""

    def __init__(self, run: ChildRun, desk: Desk, limits: Limits, pool: SandboxedPool) -> None:
        self._run = run
        self._desk = desk
        self._limits = limits
        self._pool = pool
        self._began = self._watched = time.monotonic()
        self._told = 0
        self._well = True  # the host does as it is told, and no limit was passed
        self._refused = (
            False  # what the child sent was refused: whatever else it sent doesn't count
        )

    @property
    def pid(self) -> int | None:
        return self._run.pid

    def receive(self, timeout_seconds: float) -> Message | None:
        """Return the next message, or a failure where a limit is passed."""
        message = self._run.receive(timeout_seconds)
        if isinstance(message, LogLine):
            self._told += len(message.text) + 1
        problem = self._passed_limit()
        if problem is not None:
            self._well = False
            self.kill()
            return problem
        if message is None or (self._refused and not isinstance(message, LogLine)):
            return None
        if isinstance(message, ChildStarted):
            self._pool.pump()  # the host has told the child's id before the child could speak
            return replace(message, pid=self.pid or 0)
        try:
            return self._desk.collect(message)
        except (BadOutput, OSError) as error:
            self._refused = True
            self.kill()
            return Failure(0, "user_code", f"The trial's files can't be stored: {error}")

    def stop(self, reason: StopReason) -> None:
        self._run.stop(reason)

    def kill(self) -> None:
        """End the child and what it started; if it can't be ended, everything inside."""
        self._run.kill()
        self._well = self._well and self._run.exit_status() is not None
        if not self._well:
            self._pool.discard()

    def exit_status(self) -> int | None:
        return self._run.exit_status()

    def close(self) -> None:
        self._run.close()
        self._desk.close()

    def _passed_limit(self) -> Failure | None:
        limits, now = self._limits, time.monotonic()
        if max(self._told, self._run.printed_bytes) > limits.printed_bytes:
            words = f"The code printed more than the limit of {limits.printed_bytes >> 20} MB."
            return Failure(0, "user_code", words)
        if now - self._watched < WATCH_SECONDS:
            return None
        self._watched = now
        if now - self._began > limits.seconds:
            words = f"The code exceeded the time limit of {limits.seconds:g} s."
            return Failure(0, "timeout", words)
        if self._desk.written_bytes() > limits.written_bytes:
            words = f"The code wrote more than the limit of {limits.written_bytes / GIB:.1f} GB."
            return Failure(0, "user_code", words)
        if self._pool.memory_bytes() > limits.memory_bytes:
            words = (
                f"The code used more than the limit of {limits.memory_bytes / GIB:.1f} GB memory."
            )
            return Failure(0, "out_of_memory", words)
        return None
