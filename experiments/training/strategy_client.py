"""A session with a sandboxed custom sampler, pruner or tuner.

Imports the standard library, `sandboxed` and its messages, and the JSON of `search.strategies`.
"""

import time
from typing import Any

from experiments.search.strategies.strategy_json import BadAnswer, of_text, to_text
from experiments.training import frames
from experiments.training.code_messages import Answer, Question, StrategyOrder
from experiments.training.messages import Failure
from experiments.training.pool_protocols import HostFailed
from experiments.training.sandboxed import WATCH_SECONDS, SandboxedPool

PIECE = 200_000  # characters of a question that fit a frame in any encoding
ASK_SECONDS = 60.0


class AskFailed(Exception):
    """No answer: a sentence, its line in the code (0: none), and the traceback."""

    def __init__(self, message: str, line: int = 0, traceback: str = "") -> None:
        super().__init__(f"line {line}: {message}" if line else message)
        self.message = message
        self.line = line
        self.traceback = traceback


class Session:
    """Asks one class; its process lives until `close` or an error. For one thread."""

    def __init__(
        self,
        pool: SandboxedPool,
        order: StrategyOrder,
        scope: str,
        *,
        seconds: float = ASK_SECONDS,
    ) -> None:
        """seconds: limit of one answer. Raises: SandboxMissing."""
        self._pool = pool
        self._seconds = seconds
        self._run = pool.begin(order, scope)

    def ask(self, what: str, **body: Any) -> Any:
        """The answer as JSON gives it: unchecked. Raises: AskFailed; the session is then over."""
        try:
            self._pool.wait_until_ready(self._seconds)
            self._send(to_text({"ask": what, **body}))
            answer = self._receive()
            if answer.problem:
                raise AskFailed(answer.problem, answer.line, answer.traceback)
            body = of_text(answer.text)
            if not isinstance(body, dict) or set(body) != {"answer"}:
                raise BadAnswer("Unexpected result.")
        except (HostFailed, frames.FrameError, OSError, BadAnswer) as error:
            self.close()
            raise AskFailed(f"Invalid result: {error}") from error
        except AskFailed as error:
            if not error.traceback:  # its process broke a limit, or ended
                self.close()
            raise
        return body["answer"]

    def close(self) -> None:
        """End its process; one that can't be ended takes the sandbox with it."""
        self._run.close()
        if self._run.exit_status() is None:
            self._pool.discard()

    def _send(self, text: str) -> None:
        pieces = [text[at : at + PIECE] for at in range(0, len(text), PIECE)]
        for place, piece in enumerate(pieces, start=1):
            self._run.send(Question(piece, more=place < len(pieces)))

    def _receive(self) -> Answer:
        deadline = time.monotonic() + self._seconds
        while (left := deadline - time.monotonic()) > 0:
            message = self._run.receive(min(left, WATCH_SECONDS))
            if isinstance(message, Answer):
                return message
            if isinstance(message, Failure):
                raise AskFailed(message.message)
            if message is None and (status := self._run.exit_status()) is not None:
                raise AskFailed(f"The code exited its process (status {status}).")
            if words := self._pool.exceeded_limit(self._run):
                raise AskFailed(words)
        raise AskFailed(f"No result within {self._seconds:g} s.")
