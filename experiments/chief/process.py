"""The process of the chief."""

import asyncio
import logging
import signal
from dataclasses import dataclass
from typing import Final

from django.db import connections

from experiments.chief.call_handlers import CallHandlers
from experiments.chief.server import Server
from experiments.models import Worker
from experiments.services.site.workers import Pulse, worker_name
from experiments.tuner.heartbeat import Heartbeat

AGAIN_SECONDS: Final = 5.0
KEPT_SECONDS: Final = 60
LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Standing:
    """The chief's detail on the Workers page."""

    detail: str = "starts"

    def pulse(self) -> Pulse:
        return Pulse(detail=self.detail)


def run_chief(host: str, port: int) -> None:
    """Serve KerasTuner's scripts until a signal."""
    keep_connections()
    standing = Standing()
    heartbeat = Heartbeat(worker_name(Worker.Kind.CHIEF), Worker.Kind.CHIEF, standing.pulse)
    heartbeat.start()
    try:
        asyncio.run(_serve(host, port, standing, heartbeat))
    finally:
        heartbeat.stop()


def keep_connections() -> None:
    """Threads live long: opening SQLite's file for each call costs as much as the answer."""
    for settings in connections.settings.values():
        age = settings["CONN_MAX_AGE"]
        if age is not None:  # None keeps them for ever
            settings["CONN_MAX_AGE"] = max(age, KEPT_SECONDS)


async def _serve(host: str, port: int, standing: Standing, heartbeat: Heartbeat) -> None:
    leaving = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, leaving.set)
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    standing.detail = f"waiting for {address}"
    server = await _listen(address, leaving)
    if server is None:
        return
    standing.detail = f"serving KerasTuner scripts at {address}"
    heartbeat.hurry()
    log.info("serving KerasTuner scripts at %s", address)
    if host not in LOOPBACK:
        log.warning(
            "KerasTuner's protocol isn't encrypted: open %s to trusted networks only", address
        )
    await leaving.wait()
    await server.stop()


async def _listen(address: str, leaving: asyncio.Event) -> Server | None:
    """A server that listens; it waits for a port in use, since scripts wait as well."""
    warned = False
    while not leaving.is_set():
        server = Server(CallHandlers())
        try:
            await server.start(address)
        except RuntimeError as error:
            await server.stop()
            if not warned:
                log.warning("%s is in use (%s); set CHIEF_PORT to another port", address, error)
            warned = True
        else:
            return server
        await asyncio.wait([asyncio.ensure_future(leaving.wait())], timeout=AGAIN_SECONDS)
    return None
