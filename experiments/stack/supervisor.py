"""Supervises the processes of one machine."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import psutil
import structlog

from experiments.stack.process_logs import Logbook
from experiments.stack.processes import Program, Supervised, adopt_orphans
from experiments.stack.progress import say

log = structlog.get_logger("experiments.stack")

TICK_SECONDS = 0.1
REAP_SECONDS = 1.0
# Ctrl-C: a person waits. SIGTERM: a deployment waits up to 30 s, so workers may finish their epoch.
STOP_SECONDS = {signal.SIGINT: 5.5, signal.SIGTERM: 25.0}
LAST_STOP_SECONDS = 1.5


class Supervisor:
    """Owns the children; `run` returns after a signal, when none of them is left."""

    def __init__(
        self, *, folder: Path, inherited: Sequence[int] = (), logbook: Logbook | None = None
    ) -> None:
        """`inherited`: descriptors that every child keeps open (the lock of the data folder).

        logbook: where the children's output goes; without one they print where this process prints.
        """
        self._folder = folder
        self._inherited = tuple(inherited)
        self._logbook = logbook
        self._children: list[Supervised] = []
        self._signal: signal.Signals | None = None
        self._preparing = False
        self._hurry = False
        self._next_reap = 0.0

    def install(self) -> None:
        """Take over the signals, and grandchildren whose parent dies."""
        adopt_orphans()
        for number in STOP_SECONDS:
            signal.signal(number, self._on_signal)

    @property
    def stopping(self) -> bool:
        return self._signal is not None

    def start(self, program: Program) -> Supervised:
        """Start a program and supervise it."""
        child = Supervised(
            program, folder=self._folder, inherited=self._inherited, logbook=self._logbook
        )
        with self._signals_deferred():
            child.start()
            self._children.append(child)
        return child

    def wait(self, done: Callable[[], bool], *, timeout_seconds: float) -> bool:
        """Supervise the children until `done`; False on a timeout or a signal."""
        deadline = time.monotonic() + timeout_seconds
        with self._signals_deferred():
            while time.monotonic() < deadline and not self.stopping:
                self._look()
                if done():
                    return True
                time.sleep(TICK_SECONDS)
        return False

    def run(self) -> None:
        """Supervise the children until a signal, then end them."""
        while not self.stopping:
            self._look()
            time.sleep(TICK_SECONDS)
        say("\n  Stopping: running trials are released. A second Ctrl-C stops everything at once.")
        self.stop()

    @contextmanager
    def preparing(self) -> Iterator[None]:
        """While the steps of a start run, a signal raises KeyboardInterrupt."""
        if self.stopping:
            raise KeyboardInterrupt
        self._preparing = True
        try:
            yield
        finally:
            self._preparing = False

    @contextmanager
    def _signals_deferred(self) -> Iterator[None]:
        """Defer signals to the end: Python loses an exception raised during a fork."""
        preparing, self._preparing = self._preparing, False
        try:
            yield
        finally:
            self._preparing = preparing
        if preparing and self.stopping:
            self._preparing = False
            raise KeyboardInterrupt

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
        # A second signal: nothing waits any longer.
        self._hurry = self.stopping
        self._signal = signal.Signals(number)
        if self._preparing:
            self._preparing = False
            raise KeyboardInterrupt

    def _look(self) -> None:
        for child in self._children:
            status = child.check()
            if status is not None:
                self._report_end(child.program.name, status)
        if time.monotonic() >= self._next_reap:
            self._next_reap = time.monotonic() + REAP_SECONDS
            self._reap()
            for words in self._logbook.news() if self._logbook else ():
                say(f"  {words}")

    def _report_end(self, name: str, status: int) -> None:
        if self._logbook is None:
            log.warning("process ended", process=name, status=status)
            return
        how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
        say(f"  {name} {how} and restarts; see {self._logbook.path(name)}.")

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
        for child in children:
            child.reap()

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
