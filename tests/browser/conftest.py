"""Fixtures of the tests in Chromium."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.pace import crowd


@pytest.fixture(autouse=True)
def answered() -> Iterator[None]:
    """The database is emptied only after the last answer to a page that is closed by then."""
    yield
    deadline = time.monotonic() + 10 * crowd()
    while time.monotonic() < deadline and any(
        "process_request_thread" in thread.name for thread in threading.enumerate()
    ):
        time.sleep(0.02)


@pytest.fixture
def sign_in(page: Page, live_server, client, settings, queues) -> Callable[[Any], Page]:
    """Sign a person in without the form: the page then holds the session that the client began."""

    def enter(person: Any) -> Page:
        client.force_login(person)
        name = settings.SESSION_COOKIE_NAME
        value = client.cookies[name].value
        page.context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        return page

    return enter
