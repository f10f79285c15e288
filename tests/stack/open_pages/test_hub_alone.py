"""The hub without a server: what one page's report raises."""

import socket
from contextlib import closing
from uuid import uuid4

import pytest

from experiments.reports.experiments.live import Cursor
from experiments.stack.open_pages import hub as module
from experiments.stack.open_pages.connection import OpenPage, Packer


class EveryoneHasNews:
    """A look at the database in which each experiment has gone on."""

    def serials(self, codes):
        return dict.fromkeys(codes, 1)


@pytest.fixture
def pair(monkeypatch):
    """A page and its reader, twice; the reports of the first raise."""
    broken, fine = uuid4(), uuid4()

    def news(page):
        if page.code == broken:
            raise ValueError("Out of range float values are not JSON compliant")
        return Cursor(1), "{}"

    monkeypatch.setattr(module, "Watch", EveryoneHasNews)
    monkeypatch.setattr(module, "news", news)
    monkeypatch.setattr(module, "REST_SECONDS", 0.0)
    sockets = [socket.socketpair() for _ in range(2)]
    pages = [
        OpenPage(ours, Packer(compressed=False), code=code, session="s", cursor=Cursor(0), is_chunked=False)
        for code, (ours, _) in zip((broken, fine), sockets, strict=True)
    ]  # fmt: skip
    readers = [theirs for _, theirs in sockets]
    for reader in readers:
        reader.settimeout(20)
    with closing(readers[0]), closing(readers[1]):
        yield pages, readers


def test_a_report_that_fails_lets_go_its_own_page_only(pair, caplog):
    (broken, fine), readers = pair
    hub = module.Hub()
    hub.add(broken)
    hub.add(fine)
    assert readers[1].recv(1000) == b"id: 1.-1.\ndata: {}\n\n"
    assert readers[0].recv(1000) == b"", "it was closed: the page asks by itself"
    assert f"the report of experiment {broken.code} failed" in caplog.text
    assert "not JSON compliant" in caplog.text
    readers[1].close()
