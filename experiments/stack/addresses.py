"""Address of the web server: availability and URL."""

import contextlib
import errno
import secrets
import socket
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass

from experiments.stack.progress import StartRefused

PORTS = range(1, 65536)
# Below what Linux lends to connections that go out (from 32768): one that is free now stays free.
UNLENT_PORTS = range(20_000, 32_000)


class AddressTaken(StartRefused):
    """The web server can't listen there; the message is for the terminal."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the web server listens."""

    host: str
    port: int

    @property
    def bind(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """For a person on this machine: a server on every interface is reached as localhost."""
        local = self.host in ("0.0.0.0", "::", "127.0.0.1")
        return f"http://{Address('localhost' if local else self.host, self.port).bind}/"

    @property
    def probe_url(self) -> str:
        """For this program: by number, so that no resolver is asked."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"http://{Address(host, self.port).bind}/"


def host_header(allowed: Sequence[str]) -> str:
    """A name under which this machine may ask its own web server, of ALLOWED_HOSTS."""
    names = (host.strip().lstrip(".") for host in allowed)
    return next((name for name in names if name not in ("", "*")), "localhost")


def check_free(address: Address) -> None:
    """Bind once and let go; raise AddressTaken with what to do."""
    if address.port not in PORTS:  # 0 would be any port, and nobody would know which
        raise AddressTaken(
            f"PORT={address.port} isn't a valid port: choose one from 1 to 65535, such "
            "as PORT=8000."
        )
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            raise AddressTaken(_reason(address, error)) from error


def _reason(address: Address, error: OSError) -> str:
    code = error.errno
    if code == errno.EADDRINUSE:
        return (
            f"Port {address.port} is in use by another program. Choose another one: "
            f"PORT={address.port + 1} make run"
        )
    if code == errno.EACCES:
        return f"Port {address.port} needs root rights. Choose one above 1023: PORT=8000 make run"
    return f"The web server can't listen on {address.bind}: {error}. Set HOST and PORT."


def free_port() -> int:
    """A port that nothing listens on now; of those that the kernel lends to no other connection."""
    while True:
        port = secrets.choice(UNLENT_PORTS)
        with contextlib.suppress(AddressTaken):
            check_free(Address("127.0.0.1", port))
            return port


def _get(address: Address, path: str, host_header: str) -> str:
    """What is wrong with the answer, empty when nothing is."""
    # No proxy of the environment lies between this machine and itself.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(f"{address.probe_url}{path}", headers={"Host": host_header})
    try:
        with opener.open(request, timeout=5):
            return ""
    except urllib.error.HTTPError as error:
        return f"/{path} returned {error.code}: {error.read(500).decode('utf-8', 'replace')}"
    except OSError as error:
        return f"/{path}: {error}"


def readiness(address: Address, *, host_header: str) -> str:
    """What is missing until a person can work: empty when /readyz and the first page both answer."""
    return _get(address, "readyz", host_header) or _get(address, "sign-in/", host_header)


def says_alive(address: Address, *, host_header: str) -> bool:
    """Whether /healthz answers."""
    return not _get(address, "healthz", host_header)
