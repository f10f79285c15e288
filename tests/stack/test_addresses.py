"""Where the web server listens."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from experiments.stack import addresses
from experiments.stack.addresses import (
    Address,
    AddressTaken,
    check_free,
    free_port,
    host_header,
    readiness,
)


def test_a_taken_port_is_refused_with_the_next_one():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(AddressTaken, match=f"Port {port} is in use.*PORT={port + 1} make run"):
            check_free(Address("127.0.0.1", port))


def test_a_free_port_is_free_and_no_connection_that_goes_out_takes_it():
    port = free_port()
    check_free(Address("127.0.0.1", port))
    lent = Path("/proc/sys/net/ipv4/ip_local_port_range")
    assert port < (int(lent.read_text().split()[0]) if lent.exists() else 32_768)


def test_a_port_that_somebody_listens_on_is_not_given(monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr(addresses, "UNLENT_PORTS", range(port, port + 2))
        assert {free_port() for _ in range(10)} == {port + 1}


def test_an_address_that_is_not_ours_is_refused_in_one_line():
    with pytest.raises(AddressTaken, match="Set HOST and PORT"):
        check_free(Address("192.0.2.1", 8000))


@pytest.mark.parametrize("port", [70_000, 0, -1])
def test_a_number_that_is_no_port_is_refused_with_the_range(port):
    with pytest.raises(
        AddressTaken, match=f"PORT={port} isn't a valid port: choose one from 1 to 65535"
    ):
        check_free(Address("127.0.0.1", port))


@pytest.mark.parametrize(
    ("allowed", "name"),
    [
        (["tuning.example", "localhost"], "tuning.example"),
        ([".tuning.example"], "tuning.example"),
        (["*"], "localhost"),
        ([""], "localhost"),
    ],
)
def test_the_server_is_asked_under_a_name_that_it_allows(allowed, name):
    assert host_header(allowed) == name


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://localhost:8000/"),
        ("0.0.0.0", "http://localhost:8000/"),
        ("::", "http://localhost:8000/"),
        ("::1", "http://[::1]:8000/"),
        ("tuning.example", "http://tuning.example:8000/"),
    ],
)
def test_a_person_is_told_an_address_to_type(host, url):
    assert Address(host, 8000).url == url


@pytest.fixture
def half_ready():
    """A server whose /readyz says 503 and whose pages answer; it notes the Host headers."""

    class Handler(BaseHTTPRequestHandler):
        hosts: list[str] = []

        def do_GET(self):
            Handler.hosts.append(self.headers["Host"])
            self.send_response(503 if self.path == "/readyz" else 200)
            self.end_headers()
            self.wfile.write(b'{"queue": "unreachable"}')

        def log_message(self, *arguments):
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server, Handler
    server.shutdown()


def test_readiness_tells_what_is_missing_and_names_the_allowed_host(half_ready):
    server, handler = half_ready
    said = readiness(Address("127.0.0.1", server.server_port), host_header="tuning.example")
    assert said == '/readyz returned 503: {"queue": "unreachable"}'
    assert handler.hosts == ["tuning.example"]


def test_readiness_of_nothing_is_not_empty():
    assert "refused" in readiness(Address("127.0.0.1", free_port()), host_header="localhost")
