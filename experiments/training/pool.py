"""TrainingPool: one warm training host that forks a child for each trial.

It reaches the host by name, as a program, over a socket pair. For one thread.
"""

import os
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from typing import IO

from experiments.training import frames
from experiments.training.environment import ROOT, child_environment
from experiments.training.messages import (
    ChildExited,
    ChildForked,
    HostReady,
    Order,
)
from experiments.training.pool_protocols import HostFailed
from experiments.training.processes import pid_outside
from experiments.training.run import ChildRun

PROGRAM = "experiments.training.child.host"
COLD = "The training host ended before it was ready"
LAST_WORDS = 4000  # bytes of the host's output that are kept: a traceback of an import fits


class TrainingPool:
    """One host and its runs. `host_seconds`: how long the host took to be ready, once it is."""

    def __init__(
        self,
        *,
        program: str = PROGRAM,
        environment: dict[str, str] | None = None,
        wrapper: Sequence[str] = (),
        options: Sequence[str] = (),
    ) -> None:
        """`environment`: more variables for the host, such as CUDA_VISIBLE_DEVICES.

        wrapper: a command that runs the host in a sandbox, with `environment` alone.
        options: further arguments of the host.
        """
        self.host_seconds: float | None = None
        self._wrapper = list(wrapper)
        self._options = list(options)
        self._program = program
        self._environment = environment or {}
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._output: IO[bytes] | None = None
        self._reader = frames.FrameReader()
        self._runs: dict[str, ChildRun] = {}

    @property
    def host_pid(self) -> int | None:
        """Process id of the host, or None before the start."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the host if none lives; returns at once, orders wait in the socket till it is warm."""
        # A host that closed its socket is useless, even while its process is still ending.
        alive = self._process is not None and self._process.poll() is None
        if alive and self._control is not None:
            return
        self._forget_host()
        ours, theirs = socket.socketpair()
        command = [*self._wrapper, sys.executable, "-m", self._program, str(theirs.fileno())]
        command += self._options
        # The sandbox ends with us by itself. The kernel watches the thread that starts the host, and
        # another thread may end long before us.
        if not self._wrapper and threading.current_thread() is threading.main_thread():
            command += ["--die-with-parent", str(os.getpid())]
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the host
        self._process = subprocess.Popen(
            command,
            cwd="/" if self._wrapper else ROOT,
            env=self._environment if self._wrapper else child_environment() | self._environment,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            pass_fds=(theirs.fileno(),),
            start_new_session=True,
        )
        theirs.close()
        self._control = ours
        self._reader = frames.FrameReader()
        self.host_seconds = None

    def wait_until_ready(self, timeout_seconds: float) -> bool:
        """Wait until TensorFlow is imported. Raises: HostFailed."""
        self.start()
        deadline = time.monotonic() + timeout_seconds
        while self.host_seconds is None and (left := deadline - time.monotonic()) > 0:
            control = self._control
            if control is None:
                raise self._failure()
            select.select([control], [], [], left)
            self.pump()
        return self.host_seconds is not None

    def run(self, order: Order) -> ChildRun:
        if order.token in self._runs:
            raise ValueError(f"a trial with the token {order.token} is already running")
        self.pump()
        self.start()
        ours, theirs = socket.socketpair()
        log_read, log_write = os.pipe()
        control = self._control
        run = ChildRun(order.token, ours, log_read, self)
        self._runs[order.token] = run
        try:
            if control is not None:
                frames.send(control, order, (theirs.fileno(), log_write))
        except (BrokenPipeError, ConnectionResetError):
            self._lose_host()
        finally:
            theirs.close()
            os.close(log_write)
        return run

    def control_descriptor(self) -> int | None:
        """The descriptor that a run watches beside its own socket."""
        return self._control.fileno() if self._control else None

    def pump(self) -> None:
        """Receive the host's messages, without waiting."""
        while self._control is not None and select.select([self._control], [], [], 0)[0]:
            try:
                data = self._control.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                self._lose_host()
                return
            self._reader.feed(data)
            while (message := self._reader.next()) is not None:
                self._absorb(message)

    def forget(self, token: str) -> None:
        self._runs.pop(token, None)

    def last_words(self) -> str:
        """Return the end of what the host printed."""
        if self._output is None:
            return ""
        size = self._output.seek(0, os.SEEK_END)
        self._output.seek(max(0, size - LAST_WORDS))
        return self._output.read().decode("utf-8", "replace").strip()

    def close(self) -> None:
        for run in list(self._runs.values()):
            run.close()
        process = self._process
        self._close_control()
        if process is not None:
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._forget_host()

    def _absorb(self, message: frames.AnyMessage) -> None:
        if isinstance(message, HostReady):
            self.host_seconds = message.seconds
        elif isinstance(message, ChildForked) and message.token in self._runs:
            self._runs[message.token].pid = self._outside(message.pid)
        elif isinstance(message, ChildExited) and message.token in self._runs:
            self._runs[message.token].child_exited(message.status)

    def _outside(self, pid: int) -> int | None:
        """A child's process id here; in a sandbox it has another one."""
        if not self._wrapper or self._process is None:
            return pid
        return pid_outside(self._process.pid, pid)

    def _lose_host(self) -> None:
        """End the runs: the host is gone, and its children with it."""
        self._close_control()
        failure = self._failure() if self.host_seconds is None and self._runs else None
        for run in self._runs.values():
            run.host_gone(failure)

    def _failure(self) -> HostFailed:
        """Why the host never became ready: its last line, else its exit status."""
        printed = self.last_words()
        if printed:
            return HostFailed(f"{COLD}: {printed.splitlines()[-1].strip()}", printed)
        return HostFailed(f"{COLD}; it printed nothing and {self._ending()}.")

    def _ending(self) -> str:
        try:
            # Its socket closes a moment before it is gone.
            status = self._process.wait(timeout=2) if self._process else 0
        except subprocess.TimeoutExpired:
            return "is alive without its socket"
        return f"ended with signal {-status}" if status < 0 else f"ended with status {status}"

    def _close_control(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None

    def _forget_host(self) -> None:
        if self._process is not None:
            self._lose_host()
            self._process.kill()
            self._process.wait()
            self._process = None
        if self._output is not None:
            self._output.close()
            self._output = None
