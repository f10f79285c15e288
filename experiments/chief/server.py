"""The gRPC server of the chief.

A script that gets an error ends, since nothing in KerasTuner catches one. So trouble of our own (a
database that restarts) is waited for, and only what the script has to mend is refused.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Protocol, TypeVar

import grpc
from grpc import aio

from experiments.chief.call_messages import read_call
from experiments.chief.refusals import UPGRADE, Kind, Refused
from experiments.interop.keras_tuner.proto import EARLIEST_SERVICE, METHODS, SERVICE

HOLD_SECONDS: Final = 20.0  # the shortest deadline that a client sets is 300 s
LOOK_SECONDS: Final = 1.0  # between two looks of a call that waits; an ended trial wakes it
PATIENCE_SECONDS: Final = 240.0  # for trouble of our own, below every client's deadline
PAUSE_SECONDS: Final = 1.0
THREADS: Final = 16
STATUS: Final[dict[Kind, grpc.StatusCode]] = {
    "token": grpc.StatusCode.UNAUTHENTICATED,
    "unknown trial": grpc.StatusCode.NOT_FOUND,
    "old client": grpc.StatusCode.UNIMPLEMENTED,
    "malformed": grpc.StatusCode.INVALID_ARGUMENT,
    "trouble": grpc.StatusCode.UNAVAILABLE,
}
STUMBLED: Final = (
    "Tuning Site failed to process the call; see the log of the chief. No data is "
    "lost: start the script again with the same KERASTUNER_TUNER_ID."
)
Answer = TypeVar("Answer")

log = logging.getLogger(__name__)


class Desk(Protocol):
    """Who answers: `peer` is the connection that asks. Each method may block and may raise Refused."""

    trouble: tuple[type[Exception], ...]  # errors that pass: the same call is tried again

    def tend(self) -> None:
        """Called before and after each question, in its thread."""

    def get_space(self, peer: str) -> Any:
        """SpaceMessage."""

    def update_space(self, hyperparameters: Any, peer: str) -> Any:
        """Nothing."""

    def create_trial(self, tuner_id: str, peer: str) -> Any:
        """TrialMessage; None: there is none now, ask again."""

    def idle_trial(self) -> Any:
        """TrialMessage that makes the script ask again."""

    def update_trial(self, request: Any, peer: str) -> Any:
        """TrialMessage."""

    def end_trial(self, trial: Any, peer: str) -> Any:
        """Nothing."""

    def get_trial(self, trial_id: str, peer: str) -> Any:
        """TrialMessage."""

    def get_best_trials(self, count: int, peer: str) -> Any:
        """GetBestTrialsResponse."""


class Server(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Serves one desk at one address."""

    def __init__(self, desk: Desk, *, hold_seconds: float = HOLD_SECONDS) -> None:
        self._desk = desk
        self._hold_seconds = hold_seconds
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="chief")
        self._news = asyncio.Event()
        self._leaving = False
        self._server: aio.Server | None = None

    async def start(self, address: str) -> int:
        """Listen; the port. Raises RuntimeError where the address is taken."""
        # Another instance would share the port silently, and each would get half of the scripts.
        self._server = aio.server(options=[("grpc.so_reuseport", 0)])
        self._server.add_generic_rpc_handlers((self,))
        port = int(self._server.add_insecure_port(address))
        await self._server.start()
        return port

    async def stop(self) -> None:
        """Let calls that wait ask again, and those that work end; then leave."""
        self._leaving = True
        self._tell_news()
        if self._server is not None:
            await self._server.stop(grace=5.0)
        self._threads.shutdown(wait=False, cancel_futures=True)

    def service(self, details: Any) -> Any:
        """Of a path, who answers it; None for strangers."""
        service, _, method = str(details.method).lstrip("/").partition("/")
        if service == EARLIEST_SERVICE:
            return grpc.unary_unary_rpc_method_handler(self._refuse_old)
        if service != SERVICE or method not in METHODS:
            return None

        async def answer(content: bytes, context: Any) -> bytes:
            return await self._answer(method, content, context)

        return grpc.unary_unary_rpc_method_handler(answer)

    async def _refuse_old(self, content: bytes, context: Any) -> bytes:
        del content
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, UPGRADE)
        return b""

    async def _answer(self, method: str, content: bytes, context: Any) -> bytes:
        try:
            request = read_call(method, content)
            answer = await self._methods[method](self, request, str(context.peer()))
        except Refused as refused:
            log.info("%s of %s is rejected: %s", method, context.peer(), refused)
            await context.abort(STATUS[refused.kind], str(refused))
            raise
        except Exception:  # whatever it is, the script is told where to look
            log.exception("%s of %s failed", method, context.peer())
            await context.abort(grpc.StatusCode.INTERNAL, STUMBLED)
            raise
        return bytes(answer.SerializeToString())

    async def _get_space(self, request: Any, peer: str) -> Any:
        del request
        return await self._ask(lambda: self._desk.get_space(peer))

    async def _update_space(self, request: Any, peer: str) -> Any:
        return await self._ask(lambda: self._desk.update_space(request.hyperparameters, peer))

    async def _create_trial(self, request: Any, peer: str) -> Any:
        """Held while there is no trial: a client that is answered IDLE asks again without a pause."""
        until = asyncio.get_running_loop().time() + self._hold_seconds
        while True:
            news = self._news
            found = await self._ask(lambda: self._desk.create_trial(request.tuner_id, peer))
            if found is not None:
                return found
            left = until - asyncio.get_running_loop().time()
            if left <= 0 or self._leaving:
                return self._desk.idle_trial()
            await _any(news.wait(), min(left, LOOK_SECONDS))

    async def _update_trial(self, request: Any, peer: str) -> Any:
        return await self._ask(lambda: self._desk.update_trial(request, peer))

    async def _end_trial(self, request: Any, peer: str) -> Any:
        answer = await self._ask(lambda: self._desk.end_trial(request.trial, peer))
        self._tell_news()
        return answer

    async def _get_trial(self, request: Any, peer: str) -> Any:
        return await self._ask(lambda: self._desk.get_trial(request.trial_id, peer))

    async def _get_best_trials(self, request: Any, peer: str) -> Any:
        return await self._ask(lambda: self._desk.get_best_trials(request.num_trials, peer))

    _methods: Final = {
        "GetSpace": _get_space,
        "UpdateSpace": _update_space,
        "CreateTrial": _create_trial,
        "UpdateTrial": _update_trial,
        "EndTrial": _end_trial,
        "GetTrial": _get_trial,
        "GetBestTrials": _get_best_trials,
    }

    def _tell_news(self) -> None:
        """Wake every call that waits; the next ones wait for the next news."""
        told, self._news = self._news, asyncio.Event()
        told.set()

    async def _ask(self, question: Callable[[], Answer]) -> Answer:
        """Answer in a thread; trouble of our own is waited for. Raises Refused."""
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE_SECONDS
        while True:
            try:
                return await loop.run_in_executor(self._threads, self._tended, question)
            except self._desk.trouble as error:
                log.warning("a call waits: %s", error)
                if loop.time() > until or self._leaving:
                    words = "Tuning Site's database doesn't respond. Start the script again later."
                    raise Refused("trouble", words) from error
                await asyncio.sleep(PAUSE_SECONDS)

    def _tended(self, question: Callable[[], Answer]) -> Answer:
        self._desk.tend()
        try:
            return question()
        finally:
            self._desk.tend()


async def _any(event: Awaitable[object], seconds: float) -> None:
    """Wait for the event, but not longer."""
    try:
        await asyncio.wait_for(event, seconds)
    except TimeoutError:
        return
