"""The child's end of the socket.

No TensorFlow: it must answer while the model computes.
"""

import os
import signal
import socket
import threading
from typing import Protocol

from experiments.training import frames
from experiments.training.messages import Message, Stop, StopReason


class Upwards(Protocol):
    """An execution's messages to and from its worker."""

    @property
    def stop_reason(self) -> StopReason | None:
        """Why the trial has to end at its next epoch, or None."""

    def send(self, message: Message) -> None:
        """Tell the worker."""


class Channel:
    """Sends messages; a thread of its own waits for Stop and for the worker's death."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._reason: StopReason | None = None
        threading.Thread(target=self._listen, daemon=True, name="lifeline").start()

    @property
    def stop_reason(self) -> StopReason | None:
        """Why the trial has to end at its next epoch, or None."""
        return self._reason

    def send(self, message: Message) -> None:
        """Write one message; the worker's absence ends the process."""
        try:
            frames.send(self._sock, message)
        except (BrokenPipeError, ConnectionResetError):
            end_group()

    def _listen(self) -> None:
        while True:
            try:
                message = frames.receive(self._sock)
            except (EOFError, OSError, frames.FrameError):
                end_group()
            else:
                if isinstance(message, Stop) and self._reason is None:
                    self._reason = message.reason


def end_group() -> None:
    """Kill this process and all of its descendants."""
    os.killpg(os.getpgrp(), signal.SIGKILL)
