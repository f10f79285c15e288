"""A server in a thread of its own, and a client that speaks as KerasTuner does."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc

from experiments.chief.call_handlers import CallHandlers
from experiments.chief.server import Server
from experiments.interop.keras_tuner.proto import METHODS, SERVICE, message, read

DEADLINE_SECONDS = 60.0


class Client:
    """One connection, as each script has one."""

    def __init__(self, port: int) -> None:
        """Connects at the first call. No pool shares the connection with other clients."""
        options = [("grpc.use_local_subchannel_pool", 1)]
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=options)

    def raw(self, path: str, content: bytes) -> Any:
        """The pending answer to bytes."""
        call = self.channel.unary_unary(path)
        return call.future(content, wait_for_ready=True, timeout=DEADLINE_SECONDS)

    def begin(self, method: str, **fields: Any) -> Any:
        """The pending answer."""
        content = message(METHODS[method][0], **fields).SerializeToString()
        return self.raw(f"/{SERVICE}/{method}", content)

    def call(self, method: str, **fields: Any) -> Any:
        """The answer."""
        return read(METHODS[method][1], self.begin(method, **fields).result())

    def close(self) -> None:
        """Hang up."""
        self.channel.close()


@contextmanager
def serving(handlers: CallHandlers, *, hold_seconds: float = 20.0) -> Iterator[int]:
    """The port of a server that answers from `handlers`."""
    started, leave, ports = threading.Event(), threading.Event(), []

    async def work() -> None:
        server = Server(handlers, hold_seconds=hold_seconds)
        ports.append(await server.start("127.0.0.1:0"))
        started.set()
        await asyncio.to_thread(leave.wait)
        await server.stop()

    thread = threading.Thread(target=asyncio.run, args=(work(),))
    thread.start()
    try:
        assert started.wait(30)
        yield ports[0]
    finally:
        leave.set()
        thread.join(30)
