"""Sites: the whole product, each in a folder and a database of its own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from tests.stack.site import Site, new_postgres_database

NUMBERS = count(1)


@contextmanager
def _new_site(folder: Path) -> Iterator[Site]:
    url = ""
    if os.environ["TUNING_SITE_TESTS"] == "postgres":
        url = new_postgres_database(f"site_{os.getpid()}_{next(NUMBERS)}")
    folder.mkdir()
    site = Site(folder, url)
    try:
        yield site
    finally:
        site.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Not started yet; everything of it is ended after the test."""
    with _new_site(tmp_path / "site") as site:
        yield site


@pytest.fixture(scope="module")
def busy_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Started, its first search has had two trials at once; for tests that leave it as it is."""
    with _new_site(tmp_path_factory.mktemp("busy") / "site") as site:
        site.start()
        site.wait("two trials run", lambda: site.running_trials() == 2, seconds=60)
        yield site
