"""Waiting for what a page's own policy lets no helper of the browser ask for."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Locator, Page, Route

from tests.pace import crowd

SECONDS = 20.0


def until(page: Page, expression: str) -> None:
    """Until the expression is true in the page."""
    deadline = time.monotonic() + SECONDS * crowd()
    while not page.evaluate(f"Boolean({expression})"):
        assert time.monotonic() < deadline, expression
        page.wait_for_timeout(20)


def until_equal(page: Page, expression: str, wanted: Any) -> None:
    """Until the expression gives this value; else fail with the last one."""
    deadline = time.monotonic() + SECONDS * crowd()
    while (found := page.evaluate(expression)) != wanted:
        assert time.monotonic() < deadline, found
        page.wait_for_timeout(20)


def resting_box(locator: Locator) -> dict[str, float]:
    """Where it stands in the window once fonts and neighbours have moved it for the last time."""
    locator.scroll_into_view_if_needed()
    locator.page.evaluate("document.fonts.ready.then(() => null)")
    before: Any = None
    deadline = time.monotonic() + SECONDS * crowd()
    while before is None or (found := locator.bounding_box()) != before:
        assert time.monotonic() < deadline, before
        before = locator.bounding_box()
        locator.page.wait_for_timeout(150)
    return dict(found)


class Gate:
    """Requests that wait for the test."""

    def __init__(self, page: Page) -> None:
        """Closed, and nothing has come."""
        self._page = page
        self._waiting: list[Route] = []
        self._is_open = False

    def take(self, route: Route) -> None:
        """For `page.route`."""
        if self._is_open:
            route.continue_()
        else:
            self._waiting.append(route)

    def wait(self) -> None:
        """Until a request stands before it."""
        deadline = time.monotonic() + SECONDS * crowd()
        while not self._waiting:
            assert time.monotonic() < deadline, "nothing was requested"
            self._page.wait_for_timeout(20)

    def open(self) -> None:
        """Let through those that wait, and all that come later."""
        self._is_open = True
        for route in self._waiting:
            route.continue_()
        self._waiting.clear()


@contextmanager
def gate(page: Page, pattern: str) -> Iterator[Gate]:
    """Hold what is requested under these addresses."""
    held = Gate(page)
    page.route(pattern, held.take)
    yield held
    held.open()
