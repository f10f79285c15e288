"""A trial in its child as the worker sees it: messages, log, stop, kill, exit status."""

import os
import select
import signal
import socket
import time
from collections import deque
from typing import Protocol

from experiments.training import frames
from experiments.training.log import LogLines
from experiments.training.messages import (
    ExecutionEnd,
    ExecutionStarted,
    Failure,
    Message,
    Stop,
    StopReason,
    TrialEnd,
)
from experiments.training.pool_protocols import HostFailed

HOST_GONE = -signal.SIGKILL  # the kernel kills the children of a host that dies
GRACE_SECONDS = 2.0  # between SIGTERM and SIGKILL
PIPE_BYTES = 1 << 20  # the most that Linux lets a pipe hold for a program that isn't root's
DRAIN_SECONDS = 1.0  # how long a dead child's pipes may stay open in other hands


class Host(Protocol):
    """The pool as a run uses it."""

    def control_descriptor(self) -> int | None:
        """Where the host's messages come."""

    def pump(self) -> None:
        """Receive the host's messages."""

    def forget(self, token: str) -> None:
        """Drop the run."""


class ChildRun:
    """Implements `pool_protocols.TrialRun` over a socket, a log pipe and the host's words."""

    def __init__(self, token: str, sock: socket.socket, log: int, host: Host) -> None:
        """Take over both descriptors."""
        self.token = token
        self.pid: int | None = None
        self.printed_bytes = 0
        self._sock: socket.socket | None = sock
        self._log: int | None = log
        self._host = host
        self._reader = frames.FrameReader()
        self._lines = LogLines()
        self._queue: deque[Message] = deque()
        self._status: int | None = None
        self._exited_at = 0.0

    def receive(self, timeout_seconds: float) -> Message | None:
        deadline = time.monotonic() + timeout_seconds
        while not self._queue and not self._is_over():
            left = deadline - time.monotonic()
            self._read(max(0.0, left))
            if left <= 0:
                break
        return self._queue.popleft() if self._queue else None

    def stop(self, reason: StopReason) -> None:
        """Ask the child to end at its next epoch; one that is gone needs no asking."""
        self.send(Stop(reason))

    def send(self, message: frames.AnyMessage) -> None:
        """Send to the child; ignored if it is gone."""
        if self._sock is not None:
            try:
                frames.send(self._sock, message)
            except (BrokenPipeError, ConnectionResetError):
                return

    def kill(self) -> None:
        """End the child and its group, first by SIGTERM; returns when it is dead."""
        self._host.pump()
        if self.pid is None and self._status is None:
            # Not forked yet: it meets a closed socket and ends itself.
            self._close_socket()
            self._close_log()
            self.child_exited(-signal.SIGTERM)
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            deadline = time.monotonic() + GRACE_SECONDS
            self._signal(number)
            while self._status is None and time.monotonic() < deadline:
                self._read(0.05)

    def exit_status(self) -> int | None:
        return self._status if not self._queue and self._is_over() else None

    def close(self) -> None:
        if self._status is None:
            self.kill()
        self._close_socket()
        self._close_log()
        self._host.forget(self.token)

    def child_exited(self, status: int) -> None:
        """The host reports it, or is gone itself; the first status counts."""
        if self._status is None:
            self._status = status
            self._exited_at = time.monotonic()

    def host_gone(self, failure: HostFailed | None) -> None:
        """The host is gone. `failure`: why it never took orders."""
        if self._status is None and failure is not None:
            text = f"{failure.message}\n{failure.printed}\n"
            self._queue += self._lines.feed(text.encode())
            self._queue.append(Failure(0, "infrastructure", failure.message, failure.printed))
        self.child_exited(HOST_GONE)

    def _is_over(self) -> bool:
        return self._status is not None and self._sock is None and self._log is None

    def _signal(self, number: signal.Signals) -> None:
        if self._status is None and self.pid is not None:
            try:
                os.killpg(self.pid, number)
            except ProcessLookupError:
                return  # it is dying; the host will report it

    def _read(self, timeout_seconds: float) -> None:
        control = self._host.control_descriptor()
        sock = self._sock.fileno() if self._sock else None
        watched = [d for d in (control, sock, self._log) if d is not None]
        ready, _, _ = select.select(watched, [], [], self._patience(timeout_seconds))
        if self._sock is not None and sock in ready:
            self._read_socket(self._sock)
        if self._log in ready and self._has_printed():  # the socket's end may have taken it
            self._read_log()
        if control in ready:
            self._host.pump()
        if not ready and self._status is not None:
            self._stop_draining()

    def _patience(self, timeout_seconds: float) -> float:
        if self._status is None:
            return timeout_seconds
        return min(timeout_seconds, max(0.0, self._exited_at + DRAIN_SECONDS - time.monotonic()))

    def _stop_draining(self) -> None:
        """Another process may still hold a dead child's pipes, but no message follows."""
        if time.monotonic() >= self._exited_at + DRAIN_SECONDS:
            self._close_socket()
            self._close_log()

    def _read_socket(self, sock: socket.socket) -> None:
        try:
            data = sock.recv(1 << 18)
        except ConnectionResetError:
            data = b""
        if not data:
            self._close_socket()
            return
        self._reader.feed(data)
        while (message := self._reader.next()) is not None:
            if not isinstance(message, Message):
                raise frames.FrameError(f"unexpected message {type(message).__name__}")
            self._read_lines_before(message)
            self._queue.append(message)

    def _read_lines_before(self, message: Message) -> None:
        """Queue the log before an end: the reader may stop there."""
        if isinstance(message, ExecutionStarted):
            self._lines.execution = message.execution
        if isinstance(message, ExecutionEnd | TrialEnd | Failure):
            self._read_waiting_log()
        if isinstance(message, TrialEnd | Failure):
            self._queue += self._lines.close()

    def _read_waiting_log(self) -> None:
        """Read what the pipe holds now: others may still print into it."""
        until = self.printed_bytes + PIPE_BYTES
        while self.printed_bytes < until and self._has_printed():
            self._read_log()

    def _has_printed(self) -> bool:
        return self._log is not None and bool(select.select([self._log], [], [], 0)[0])

    def _read_log(self) -> None:
        if self._log is None:
            return
        data = os.read(self._log, 1 << 16)
        self.printed_bytes += len(data)
        if data:
            self._queue += self._lines.feed(data)
        else:
            self._close_log()

    def _close_socket(self) -> None:
        if self._sock is not None:
            self._sock.close()
            self._sock = None

    def _close_log(self) -> None:
        if self._log is not None:
            os.close(self._log)
            self._log = None
            self._queue += self._lines.close()
