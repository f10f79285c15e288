"""Detects changed experiments for all open pages together."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import connection

from experiments.models import Experiment


class Watch:
    """Remembers what it saw. For one thread, since the database's connection is the thread's own."""

    def __init__(self) -> None:
        self._serials: dict[UUID, int] = {}
        self._version: tuple[Any, int] | None = None

    def serials(self, codes: Collection[UUID]) -> dict[UUID, int]:
        """The last event of each experiment that is there; no query while SQLite says that nothing was written."""
        is_known = self._serials.keys() >= set(codes)
        if is_known and not self._has_written():
            return self._serials
        found = Experiment.objects.filter(code__in=codes).values_list("code", "event_serial")
        self._serials = dict(found)
        return self._serials

    def _has_written(self) -> bool:
        """Whether any other connection may have written since the last question."""
        if connection.vendor != "sqlite":
            return True
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA data_version")
            # A number of this connection's own: each new one begins with the same.
            version = connection.connection, cursor.fetchone()[0]
        before, self._version = self._version, version
        return bool(version != before)
