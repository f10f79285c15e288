"""Sockets of pages that stay open."""

import socket
from contextlib import closing
from uuid import uuid4

from experiments.reports.experiments.live import Cursor
from experiments.stack.open_pages.connection import MOST_UNHEARD_MS, OpenPage, Packer


def page_on(sock):
    packer = Packer(compressed=False)
    return OpenPage(sock, packer, code=uuid4(), session="s", cursor=Cursor(), is_chunked=True)


def test_a_page_that_no_longer_confirms_what_it_gets_is_given_up_soon():
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        near = socket.create_connection(server.getsockname())
        with closing(near), closing(page_on(server.accept()[0])) as page:
            given = page.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
            assert given == MOST_UNHEARD_MS


def test_a_page_behind_a_proxy_on_a_local_socket_is_told_as_well():
    near, far = socket.socketpair()
    with closing(near), closing(page_on(far)) as page:
        assert page.send(":\n\n")
        assert near.recv(100) == b"3\r\n:\n\n\r\n"
        assert not page.is_gone()
        near.close()
        assert page.is_gone()
