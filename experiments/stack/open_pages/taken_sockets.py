"""Sockets that the web server must let go of. Imports nothing of the house: gunicorn reads it first."""

import socket
from threading import Lock


class HandedSockets:
    """Whoever takes a connection over notes the web server's own socket here."""

    def __init__(self) -> None:
        self._sockets: set[socket.socket] = set()
        self._lock = Lock()

    def note(self, sock: socket.socket) -> None:
        with self._lock:
            self._sockets.add(sock)

    def forget(self, sock: socket.socket) -> bool:
        with self._lock:
            if sock not in self._sockets:
                return False
            self._sockets.remove(sock)
            return True


handed = HandedSockets()
