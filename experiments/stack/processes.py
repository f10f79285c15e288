"""A supervised process: start, end with its parent, restart."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from experiments.stack.process_logs import Logbook

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
FIRST_DELAY_SECONDS = 0.2
LONGEST_DELAY_SECONDS = 10.0
# A process that lived this long had started well: its next death begins at the first delay again.
HEALTHY_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, under which name; children of `stop_last` (Redis) end after the others."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_last: bool = False


def adopt_orphans() -> None:
    """Grandchildren whose parent dies become children of this process, which then ends them."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


class Supervised:
    """A program that is started again whenever it ends, ever later while it keeps failing."""

    def __init__(
        self,
        program: Program,
        *,
        folder: Path,
        inherited: Sequence[int] = (),
        logbook: Logbook | None = None,
    ) -> None:
        """Nothing starts before `start`. Without a logbook it prints where its parent prints."""
        self.program = program
        self.restarts = 0
        self.quick_deaths = 0
        self._folder = folder
        self._inherited = tuple(inherited)
        self._logbook = logbook
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._start_at = 0.0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Start it, in a session of its own: a Ctrl-C in the terminal reaches the supervisor alone."""
        parent = os.getpid()

        def die_with_parent() -> None:
            _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:  # it died between the fork and the line above
                os._exit(1)

        with ExitStack() as stack:
            output = None
            if self._logbook is not None:
                output = stack.enter_context(self._logbook.open(self.program.name))
            self._process = subprocess.Popen(
                list(self.program.command),
                cwd=self._folder,
                env={**os.environ, **self.program.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=None if output is None else subprocess.STDOUT,
                start_new_session=True,
                pass_fds=self._inherited,
                preexec_fn=die_with_parent,
            )
        self._started = time.monotonic()

    def check(self) -> int | None:
        """Look once: return the exit status of a death just seen, start again when its delay is over."""
        now = time.monotonic()
        if self._process is None:
            if now >= self._start_at:
                self.restarts += 1
                self.start()
            return None
        status = self._process.poll()
        if status is None:
            return None
        self.quick_deaths = 0 if now - self._started >= HEALTHY_SECONDS else self.quick_deaths + 1
        delay = FIRST_DELAY_SECONDS * 2 ** max(0, self.quick_deaths - 1)
        self._start_at = now + min(delay, LONGEST_DELAY_SECONDS)
        self._process = None
        return status

    def terminate(self) -> None:
        if self.pid is not None and self._process is not None:
            self._process.terminate()

    def kill(self) -> None:
        """End its whole session; `reap` waits for it."""
        if self._process is None:
            return
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def reap(self) -> None:
        if self._process is not None:
            self._process.wait()
