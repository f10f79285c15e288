"""The protocols of a training pool and its runs, which the tests' recordings keep too."""

from typing import Protocol

from experiments.training.messages import Message, StopReason, TrialOrder


class HostFailed(RuntimeError):
    """The pool host ended before it could take an order: a plain sentence, and all that it printed."""

    def __init__(self, message: str, printed: str = "") -> None:
        """`message` says why in a line; `printed` is the end of its output, tracebacks included."""
        super().__init__(message)
        self.message = message
        self.printed = printed


class TrialRun(Protocol):
    """One trial in its child, from the order to the exit status."""

    @property
    def pid(self) -> int | None:
        """Process id of the child, once the host has reported it."""

    def receive(self, timeout_seconds: float) -> Message | None:
        """Return the next message, or None on timeout or after the end.

        `exit_status()` distinguishes the two. Raises: FrameError for an invalid message; kill the
        child then.
        """

    def stop(self, reason: StopReason) -> None:
        """Ask the child to end at its next epoch; a pause writes a checkpoint first."""

    def kill(self) -> None:
        """End the child and every process of its group: SIGTERM, then SIGKILL."""

    def exit_status(self) -> int | None:
        """Return None while messages may still come; then the exit code, or minus the signal."""

    def close(self) -> None:
        """Kill what still runs and give back the descriptors."""


class Pool(Protocol):
    """Runs trials, each in a fresh child."""

    def start(self) -> None:
        """Begin to warm it; returns at once."""

    def wait_until_ready(self, timeout_seconds: float) -> bool:
        """Return whether it is warm in time; starts it again if it died. Raises: HostFailed."""

    def run(self, order: TrialOrder) -> TrialRun:
        """Begin a trial."""

    def close(self) -> None:
        """End every run and the host."""
