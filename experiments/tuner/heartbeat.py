"""A thread that writes the process's heartbeat, even without Redis."""

import logging
import threading
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, connection

from experiments.models import Worker
from experiments.services.site.workers import Pulse, beat_worker, forget_worker

BEAT_SECONDS = 4.0

log = logging.getLogger(__name__)


class Heartbeat:
    """Writes the process's row with the current `pulse`."""

    def __init__(self, name: str, kind: Worker.Kind, pulse: Callable[[], Pulse]) -> None:
        self._name = name
        self._kind = kind
        self._pulse = pulse
        self._end = threading.Event()
        self._now = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def hurry(self) -> None:
        self._now.set()

    def stop(self) -> None:
        self._end.set()
        self._now.set()
        self._thread.join(timeout=5)

    def _beat(self) -> None:
        while not self._end.is_set():
            self._now.clear()
            self._write(lambda: beat_worker(self._name, self._kind, self._pulse()))
            self._now.wait(BEAT_SECONDS)
        self._write(lambda: forget_worker(self._name))
        connection.close()

    def _write(self, write: Callable[[], None]) -> None:
        try:
            write()
        except (DatabaseError, InterfaceError) as error:
            log.warning("no heartbeat: %s", error)
            connection.close()
