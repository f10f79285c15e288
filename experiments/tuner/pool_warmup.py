"""Warms up a worker's pool before its first job."""

import logging
import threading
import time
from collections.abc import Callable

from experiments.models.worker import CANNOT_TRAIN
from experiments.training.pool_protocols import HostFailed, Pool

LOOK_SECONDS = 0.5
FIRST_PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 60.0
WARMING = "warming up"

log = logging.getLogger(__name__)


class PoolWarmup:
    """Waits until the pool is warm, trying again after ever longer pauses while it fails."""

    def __init__(self, pool: Pool, leaving: threading.Event, show: Callable[[str], None]) -> None:
        """`show`: sets the worker's detail on the Workers page; empty once it is warm."""
        self._pool = pool
        self._leaving = leaving
        self._show = show

    def wait(self, meanwhile: Callable[[], None]) -> bool:
        """Whether it is warm; False when the worker leaves first.

        meanwhile: called a few times a second while it is not.
        """
        pause = FIRST_PAUSE_SECONDS
        words = WARMING
        look = 0.0
        while not self._leaving.is_set():
            try:
                if self._pool.wait_until_ready(look):
                    self._show("")
                    return True
            except HostFailed as failure:
                log.error("%s\n%s", failure.message, failure.printed)
                words = f"{CANNOT_TRAIN} (retrying every {pause:g} s): {failure.message}"
                self._show(words)
                self._rest(pause, meanwhile)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            self._show(words)
            meanwhile()
            look = LOOK_SECONDS
        return False

    def _rest(self, seconds: float, meanwhile: Callable[[], None]) -> None:
        until = time.monotonic() + seconds
        while not self._leaving.is_set() and (left := until - time.monotonic()) > 0:
            self._leaving.wait(min(LOOK_SECONDS, left))
            meanwhile()
