"""The gRPC server of the chief.

A script that gets an error ends, since nothing in KerasTuner catches one. So the server waits for its
own trouble (a database that restarts), and refuses only what the script has to fix.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

import grpc
from google.protobuf.message import DecodeError
from google.protobuf.unknown_fields import UnknownFieldSet
from grpc import aio

from experiments.chief.call_handlers import CallHandlers
from experiments.chief.refusals import UPGRADE, Kind, Refused
from experiments.interop.keras_tuner.proto import EARLIEST_SERVICE, METHODS, SERVICE, read

HOLD_SECONDS: Final = 20.0  # the shortest deadline that a client sets is 300 s
LOOK_SECONDS: Final = 1.0  # between two looks of a call that waits; an ended trial wakes it
PATIENCE_SECONDS: Final = 240.0  # until trouble has to pass, below every client's deadline
PAUSE_SECONDS: Final = 1.0
THREADS: Final = 16
OLD_STATUS: Final = 2  # EndTrial up to 1.1: a trial's id and, in this field, its status
STATUS: Final[dict[Kind, grpc.StatusCode]] = {
    "token": grpc.StatusCode.UNAUTHENTICATED,
    "unknown trial": grpc.StatusCode.NOT_FOUND,
    "old client": grpc.StatusCode.UNIMPLEMENTED,
    "malformed": grpc.StatusCode.INVALID_ARGUMENT,
    "trouble": grpc.StatusCode.UNAVAILABLE,
}
INTERNAL_ERROR: Final = (
    "Tuning Site failed to process the call; see the log of the chief. No data is "
    "lost: start the script again with the same KERASTUNER_TUNER_ID."
)
Answer = TypeVar("Answer")

log = logging.getLogger(__name__)


class Server(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Serves the handlers at one address."""

    def __init__(self, handlers: CallHandlers, *, hold_seconds: float = HOLD_SECONDS) -> None:
        self._handlers = handlers
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
        self._wake_waiting()
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
        except Exception:  # the script must learn where to look
            log.exception("%s of %s failed", method, context.peer())
            await context.abort(grpc.StatusCode.INTERNAL, INTERNAL_ERROR)
            raise
        return bytes(answer.SerializeToString())

    async def _get_space(self, request: Any, peer: str) -> Any:
        del request
        return await self._ask(lambda: self._handlers.get_space(peer))

    async def _update_space(self, request: Any, peer: str) -> Any:
        return await self._ask(lambda: self._handlers.update_space(request.hyperparameters, peer))

    async def _create_trial(self, request: Any, peer: str) -> Any:
        """Held while there is no trial: a client that is answered IDLE asks again without a pause."""
        until = asyncio.get_running_loop().time() + self._hold_seconds
        while True:
            news = self._news
            found = await self._ask(lambda: self._handlers.create_trial(request.tuner_id, peer))
            if found is not None:
                return found
            left = until - asyncio.get_running_loop().time()
            if left <= 0 or self._leaving:
                return self._handlers.idle_trial()
            await _any(news.wait(), min(left, LOOK_SECONDS))

    async def _update_trial(self, request: Any, peer: str) -> Any:
        return await self._ask(lambda: self._handlers.update_trial(request, peer))

    async def _end_trial(self, request: Any, peer: str) -> Any:
        answer = await self._ask(lambda: self._handlers.end_trial(request.trial, peer))
        self._wake_waiting()
        return answer

    async def _get_trial(self, request: Any, peer: str) -> Any:
        return await self._ask(lambda: self._handlers.get_trial(request.trial_id, peer))

    async def _get_best_trials(self, request: Any, peer: str) -> Any:
        return await self._ask(lambda: self._handlers.get_best_trials(request.num_trials, peer))

    _methods: Final = {
        "GetSpace": _get_space,
        "UpdateSpace": _update_space,
        "CreateTrial": _create_trial,
        "UpdateTrial": _update_trial,
        "EndTrial": _end_trial,
        "GetTrial": _get_trial,
        "GetBestTrials": _get_best_trials,
    }

    def _wake_waiting(self) -> None:
        """Wake every call that waits; later ones wait for the next event."""
        event, self._news = self._news, asyncio.Event()
        event.set()

    async def _ask(self, question: Callable[[], Answer]) -> Answer:
        """Answer in a thread, waiting for trouble to pass. Raises Refused."""
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE_SECONDS
        while True:
            try:
                return await loop.run_in_executor(
                    self._threads, self._on_fresh_connections, question
                )
            except self._handlers.trouble as error:
                log.warning("a call waits: %s", error)
                if loop.time() > until or self._leaving:
                    words = "Tuning Site's database doesn't respond. Start the script again later."
                    raise Refused("trouble", words) from error
                await asyncio.sleep(PAUSE_SECONDS)

    def _on_fresh_connections(self, question: Callable[[], Answer]) -> Answer:
        self._handlers.close_broken_connections()
        try:
            return question()
        finally:
            self._handlers.close_broken_connections()


def read_call(method: str, content: bytes) -> Any:
    """The message of a call; clients that are too old are detected. Raises Refused."""
    kind = METHODS[method][0]
    try:
        message = read(kind, content)
    except DecodeError as error:
        if method == "EndTrial":
            raise Refused("old client", UPGRADE) from error
        raise Refused("malformed", f"{method} expects {kind}; got another message.") from error
    numbers = [field.field_number for field in UnknownFieldSet(message)]
    if method == "EndTrial" and OLD_STATUS in numbers:
        raise Refused("old client", UPGRADE)
    return message


async def _any(event: Awaitable[object], seconds: float) -> None:
    """Wait for the event, but not longer."""
    try:
        await asyncio.wait_for(event, seconds)
    except TimeoutError:
        return
