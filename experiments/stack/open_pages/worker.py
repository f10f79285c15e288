"""Gunicorn's threaded worker that hands over event connections.

Gunicorn reads it before Django is set up: no records may be imported here.
"""

from concurrent.futures import Future
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from experiments.stack.open_pages.taken_sockets import handed


class OpenPagesWorker(ThreadWorker):
    """A page that stays open holds no thread, and doesn't count among the connections."""

    def finish_request(self, conn: TConn, fs: "Future[Any]") -> None:
        """Runs in the main thread after each request."""
        if handed.forget(conn.sock):
            self.nr_conns -= 1
            conn.close()  # its own copy of the socket: nothing is sent
            return
        super().finish_request(conn, fs)
