"""Stack: keeps the processes of one machine alive until it is told to end, then ends every one."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

import psutil
import structlog

from experiments.stack.processes import Program, Supervised, adopt_orphans

log = structlog.get_logger("experiments.stack")

TICK_SECONDS = 0.1
REAP_SECONDS = 1.0
# Ctrl-C: a person waits. SIGTERM: a deployment waits up to 30 s, so workers may finish their epoch.
STOP_SECONDS = {signal.SIGINT: 6.0, signal.SIGTERM: 25.0}
LAST_STOP_SECONDS = 2.0


class Supervisor:
    """Owns the children; `run` returns after a signal, when none of them is left."""

    def __init__(self, *, folder: Path, inherited: Sequence[int] = ()) -> None:
        """`inherited`: descriptors that every child keeps open (the lock of the data folder)."""
        self._folder = folder
        self._inherited = tuple(inherited)
        self._children: list[Supervised] = []
        self._signal: signal.Signals | None = None
        self._hurry = False
        self._next_reap = 0.0

    def install(self) -> None:
        """Take over the signals, and grandchildren whose parent dies."""
        adopt_orphans()
        for number in STOP_SECONDS:
            signal.signal(number, self._on_signal)

    @property
    def stopping(self) -> bool:
        """Whether a signal asked for the end."""
        return self._signal is not None

    def start(self, program: Program) -> Supervised:
        """Start a program and look after it from now on."""
        child = Supervised(program, folder=self._folder, inherited=self._inherited)
        child.start()
        self._children.append(child)
        return child

    def wait(self, done: Callable[[], bool], *, timeout_seconds: float) -> bool:
        """Look after the children until `done`; False when the deadline or a signal came first."""
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline and not self.stopping:
            self._look()
            if done():
                return True
            time.sleep(TICK_SECONDS)
        return False

    def run(self) -> None:
        """Look after the children until a signal, then end them."""
        while not self.stopping:
            self._look()
            time.sleep(TICK_SECONDS)
        self.stop()

    def stop(self) -> None:
        """End every child: first those that need Redis, then Redis, then whatever they left behind."""
        seconds = STOP_SECONDS[self._signal or signal.SIGINT]
        first = [child for child in self._children if not child.program.stop_last]
        last = [child for child in self._children if child.program.stop_last]
        self._end(first, seconds)
        self._end(last, LAST_STOP_SECONDS)
        for process in psutil.Process().children(recursive=True):
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        self._reap()

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        # The second signal is a person's impatience: nothing waits any longer.
        self._hurry = self.stopping
        self._signal = signal.Signals(number)

    def _look(self) -> None:
        for child in self._children:
            status = child.check()
            if status is not None:
                log.warning("process ended", process=child.program.name, status=status)
        if time.monotonic() >= self._next_reap:
            self._next_reap = time.monotonic() + REAP_SECONDS
            self._reap()

    def _end(self, children: list[Supervised], seconds: float) -> None:
        for child in children:
            child.terminate()
        deadline = time.monotonic() + seconds
        while any(child.pid for child in children):
            if time.monotonic() > deadline or self._hurry:
                break
            time.sleep(TICK_SECONDS / 2)
        for child in children:
            child.kill()

    def _reap(self) -> None:
        """Collect adopted grandchildren that ended; our own children's status belongs to Popen."""
        own = {child.pid for child in self._children}
        for process in psutil.Process().children():
            if process.pid in own:
                continue
            try:
                os.waitpid(process.pid, os.WNOHANG)
            except ChildProcessError:
                continue
