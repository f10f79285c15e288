"""Fixtures of the tests in Chromium."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page


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
