"""The server-sent event connection of one open page.

Events are compressed as one stream: what a report repeats of the previous one costs a few bytes.
"""

import socket
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from experiments.reports.experiments.live import Cursor

WINDOW_BITS = 13  # 8 kB of what was sent before: a few reports; 64 kB of memory a page
MEMORY_LEVEL = 6
# A page whose machine sleeps or changed its network never closes; Linux would wait 15 minutes.
MOST_UNHEARD_MS = 20_000
COMMENT = ":\n\n"  # opens the stream; pages don't see it
BEAT = "event: beat\ndata:\n\n"


class Handed(OSError):
    """The socket has been handed on: whoever wrote the answer's head writes nothing more.

    An OSError, EPIPE by its number: after one gunicorn leaves a connection alone and logs nothing.
    """


@dataclass(frozen=True, slots=True)
class Place:
    """Where a connection comes from."""

    sock: socket.socket
    is_chunked: bool  # HTTP/1.1: each piece has its length


def place_of(environ: Mapping[str, Any]) -> Place | None:
    """The socket behind a request; None where the web server doesn't hand it out or speaks something else."""
    sock, protocol = environ.get("gunicorn.socket"), environ.get("SERVER_PROTOCOL")
    if type(sock) is not socket.socket or protocol not in ("HTTP/1.0", "HTTP/1.1"):
        return None
    return Place(sock, protocol == "HTTP/1.1")


class Packer:
    """Turns events into the bytes of the answer's body."""

    def __init__(self, *, compressed: bool) -> None:
        """compressed: gzip, with a flush behind each piece."""
        self._packer = (
            zlib.compressobj(6, zlib.DEFLATED, 16 + WINDOW_BITS, MEMORY_LEVEL)
            if compressed
            else None
        )

    def pack(self, event: str) -> bytes:
        """What the page can read as soon as it arrives."""
        if self._packer is None:
            return event.encode()
        return self._packer.compress(event.encode()) + self._packer.flush(zlib.Z_SYNC_FLUSH)


def news_event(cursor: Cursor, report: str) -> str:
    """report: JSON in one line. The cursor travels as the event's id."""
    return f"id: {cursor}\ndata: {report}\n\n"


class OpenPage:
    """One page that follows an experiment: its session, cursor and socket."""

    def __init__(
        self,
        sock: socket.socket,
        packer: Packer,
        *,
        code: UUID,
        session: str,
        cursor: Cursor,
        is_chunked: bool,
    ) -> None:
        """sock: a duplicate, which `close` closes."""
        self.sock = sock
        self.code = code
        self.session = session
        self.cursor = cursor
        self.reported = self.checked = self.sent = time.monotonic()
        self._packer = packer
        self._is_chunked = is_chunked
        sock.settimeout(0)
        if sock.family in (socket.AF_INET, socket.AF_INET6) and hasattr(
            socket, "TCP_USER_TIMEOUT"
        ):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, MOST_UNHEARD_MS)

    def send(self, event: str) -> bool:
        """Whether the event is on its way; False for a page that is gone or reads too slowly."""
        data = self._packer.pack(event)
        if self._is_chunked:
            data = b"%X\r\n%b\r\n" % (len(data), data)
        self.sent = time.monotonic()
        try:
            return self.sock.send(data) == len(data)
        except OSError:  # gone, or BlockingIOError: its buffers are full
            return False

    def is_gone(self) -> bool:
        """Whether the page has ended, or sends data: ours never do, and it would wake the hub all the time."""
        try:
            self.sock.recv(1)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    def close(self) -> None:
        """End the stream: the page asks again."""
        try:
            if self._is_chunked:
                self.sock.send(b"0\r\n\r\n")
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it closed first
        self.sock.close()
