"""The thread of a web process that sends events to its open pages.

Hundreds of pages cost one thread, one question to the database a tick, and a report for each page whose
experiment changed; pages that have the same get the same report.
"""

import json
import logging
import selectors
import socket
import threading
import time
from collections.abc import Collection
from importlib import import_module
from queue import SimpleQueue
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db import Error, connection
from django.http import Http404, HttpRequest

from experiments import permissions
from experiments.models import Experiment, Role
from experiments.reports.experiments.live import Cursor, live
from experiments.reports.trials.table import trial_columns
from experiments.stack.open_pages.connection import BEAT, OpenPage, news_event

TICK_SECONDS = 0.3  # between two queries
REST_SECONDS = 1.0  # at least, between two reports to one page
BEAT_SECONDS = 4.0  # without an event, then a heartbeat is sent
CHECK_SECONDS = 15.0  # between two permission checks while nothing changes
MOST_PAGES = 400  # of one process; each holds a file descriptor
# Browsers open six connections to a server without TLS, for all their tabs together.
MOST_OF_A_SESSION = max(1, 4 // settings.WEB_WORKERS)
COMPACT: Any = {"separators": (",", ":"), "allow_nan": False}

logger = logging.getLogger(__name__)


class Watch:
    """Detects changed experiments for all open pages. For one thread: connections are per thread."""

    def __init__(self) -> None:
        self._serials: dict[UUID, int] = {}
        self._version: tuple[Any, int] | None = None

    def serials(self, codes: Collection[UUID]) -> dict[UUID, int]:
        """The last event of each experiment; no query while SQLite reports no write."""
        is_known = self._serials.keys() >= set(codes)
        if is_known and not self._has_written():
            return self._serials
        found = Experiment.objects.filter(code__in=codes).values_list("code", "event_serial")
        self._serials = dict(found)
        return self._serials

    def _has_written(self) -> bool:
        """Whether another connection may have written since the last call."""
        if connection.vendor != "sqlite":
            return True
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA data_version")
            # A number per connection: each new one starts with the same.
            version = connection.connection, cursor.fetchone()[0]
        before, self._version = self._version, version
        return bool(version != before)


class Hub:
    """Open pages of this process. `add` may be called from any thread; the rest is its own thread's."""

    def __init__(self) -> None:
        """The thread starts with the first page, so that a process may be forked before."""
        self._arrived: SimpleQueue[OpenPage] = SimpleQueue()
        self._pages: dict[socket.socket, OpenPage] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def has_room(self, session: str) -> bool:
        pages = list(self._pages.values())
        own = sum(page.session == session for page in pages)
        return len(pages) < MOST_PAGES and own < MOST_OF_A_SESSION

    def add(self, page: OpenPage) -> None:
        with self._lock:
            self._arrived.put(page)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="open-pages", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        watch, selector = Watch(), selectors.DefaultSelector()
        try:
            while True:
                self._take_in(selector)
                for key, _ in selector.select(TICK_SECONDS):
                    page = self._pages.get(key.data)
                    if page is not None and page.is_gone():
                        self._drop(page, selector)
                self._send_all(watch, selector)
        finally:  # without this thread, pages must ask again elsewhere
            for page in list(self._pages.values()):
                self._drop(page, selector)

    def _take_in(self, selector: selectors.BaseSelector) -> None:
        """Register new pages; without any page, wait for one."""
        while not self._arrived.empty() or not self._pages:
            if not self._pages and self._arrived.empty():
                connection.close()  # unused for a while
            page = self._arrived.get()
            self._pages[page.sock] = page
            selector.register(page.sock, selectors.EVENT_READ, page.sock)

    def _drop(self, page: OpenPage, selector: selectors.BaseSelector) -> None:
        selector.unregister(page.sock)
        del self._pages[page.sock]
        page.close()

    def _send_all(self, watch: Watch, selector: selectors.BaseSelector) -> None:
        reports: dict[tuple[str, str], tuple[Cursor, str]] = {}
        try:
            serials = watch.serials({page.code for page in self._pages.values()})
            for page in list(self._pages.values()):
                if not self._is_open(page, serials.get(page.code), reports):
                    self._drop(page, selector)
        except Error:  # also that a connection has been closed, which is no DatabaseError
            logger.exception("Closed the connections of open pages: the database did not respond.")
            connection.close()
            for page in list(self._pages.values()):
                self._drop(page, selector)

    def _is_open(
        self,
        page: OpenPage,
        serial: int | None,
        reports: dict[tuple[str, str], tuple[Cursor, str]],
    ) -> bool:
        """`_update`; a report that fails closes the pages that ask for it, and no others."""
        try:
            return self._update(page, serial, reports)
        except Error:
            raise
        # One experiment's report must not close the pages of others.
        except Exception:
            logger.exception(
                "Closed the connection of a page: the report of experiment %s failed.", page.code
            )
            return False

    def _update(
        self,
        page: OpenPage,
        serial: int | None,
        reports: dict[tuple[str, str], tuple[Cursor, str]],
    ) -> bool:
        """Send a page what is due; False when it is gone, or may no longer read."""
        now = time.monotonic()
        if serial is None:
            return False
        if page.cursor.serial != serial and now - page.reported >= REST_SECONDS:
            return self._send_report(page, reports)
        if now - page.checked >= CHECK_SECONDS:
            page.checked = now
            if not may_read(page):
                return False
        return now - page.sent < BEAT_SECONDS or page.send(BEAT)

    def _send_report(
        self, page: OpenPage, reports: dict[tuple[str, str], tuple[Cursor, str]]
    ) -> bool:
        key = (str(page.code), str(page.cursor))
        if key in reports and not may_read(page):
            return False
        found = reports.get(key) or news(page)
        if found is None:
            return False
        page.cursor, report = reports[key] = found
        page.reported = page.checked = time.monotonic()
        return page.send(news_event(page.cursor, report))


def viewer_of(page: OpenPage) -> User | AnonymousUser:
    """The page's user; anonymous once the session has ended."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(page.session)
    return get_user(request)


def may_read(page: OpenPage) -> bool:
    """Whether the session lasts, and the person may see the experiment."""
    try:
        permissions.last_event(viewer_of(page), page.code, Role.VIEWER)
    except (Http404, PermissionDenied):
        return False
    return True


def news(page: OpenPage) -> tuple[Cursor, str] | None:
    """The changes since the page's cursor, and the new cursor; None without any, or without the right to read."""
    try:
        experiment = permissions.get_experiment(viewer_of(page), page.code, Role.VIEWER)
    except (Http404, PermissionDenied):
        return None
    return without_cursor(live(experiment, page.cursor, trial_columns(experiment)))


def without_cursor(report: dict[str, Any] | None) -> tuple[Cursor, str] | None:
    """A report without its cursor, in one line, and the cursor."""
    if report is None:
        return None
    cursor = Cursor.read(report.pop("cursor"))
    return cursor, json.dumps(report, **COMPACT)


hub = Hub()
