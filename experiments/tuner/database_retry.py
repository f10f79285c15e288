"""Retries database writes within the lease."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

T = TypeVar("T")

RETRY_SECONDS = 0.5
# Stop writing a little before the reaper may act.
SHARE_OF_LEASE = 0.9

log = logging.getLogger(__name__)


class LeaseLost(Exception):
    """The lease could not be renewed in time; another attempt may have the trial."""


class DatabaseRetry:
    """Retries writes while the lease holds by this process's clock."""

    def __init__(self) -> None:
        """The lease begins now."""
        self.renewed = time.monotonic()

    def check(self) -> None:
        """Raise LeaseLost when the lease is over by this process's own clock."""
        if time.monotonic() - self.renewed > settings.LEASE_SECONDS * SHARE_OF_LEASE:
            raise LeaseLost("the lease could not be renewed in time")

    def once(self, write: Callable[[], None]) -> bool:
        """Try a write that renews the lease; False when the database is away."""
        began = time.monotonic()
        self.check()
        done = self.peek(write)
        if done:
            self.renewed = began
        return done

    def peek(self, question: Callable[[], None]) -> bool:
        """Try something that renews nothing; False when the database is away.

        The first failure may only mean that an old connection was cut: a new one is tried at once.
        So `question` may run twice, even if its first commit succeeded.
        """
        for last in (False, True):
            try:
                question()
            except (OperationalError, InterfaceError) as error:
                connection.close()
                if last:
                    log.warning("the database doesn't respond: %s", error)
            else:
                return True
        return False

    def until_done(self, write: Callable[[], T]) -> T:
        """Repeat a write that renews the lease until it succeeds. Raises LeaseLost."""
        results: list[T] = []
        while not self.once(lambda: results.append(write())):
            time.sleep(RETRY_SECONDS)
        return results[0]
