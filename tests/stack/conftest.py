"""Sites: the whole product, each in a folder and a database of its own."""

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.stack.site import Site, new_postgres_database

NUMBERS = count(1)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Not started yet; everything of it is ended after the test."""
    url = ""
    if os.environ["TUNING_SITE_TESTS"] == "postgres":
        url = new_postgres_database(f"site_{os.getpid()}_{next(NUMBERS)}")
    folder = tmp_path / "site"
    folder.mkdir()
    site = Site(folder, url)
    yield site
    site.close()
