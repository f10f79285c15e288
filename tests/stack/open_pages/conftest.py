"""A web server for the tests of open pages."""

import pytest

from tests.stack.open_pages.web import Follower, Web, database_of


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    folder = tmp_path_factory.mktemp("web") / "site"
    folder.mkdir()
    server = Web(folder, database_of(folder)).start()
    yield server
    server.site.close()


@pytest.fixture
def follow(web):
    """Open pages that are closed after the test."""
    opened = []

    def begin(session, **more):
        opened.append(Follower(web, session, **more))
        return opened[-1]

    yield begin
    for page in opened:
        page.close()
