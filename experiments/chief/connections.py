"""Maps connections to scripts, in memory.

A connection tells who it is with the token of its first CreateTrial, or with the id of a trial that it
was given, which nobody can guess. What a script declares before that is kept until then.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, TypeVar

from experiments.interop.keras_tuner.message_conversion import Entry

T = TypeVar("T")
MOST: Final = 10_000  # connections remembered; the longest silent is forgotten first


@dataclass(frozen=True, slots=True)
class Script:
    """The experiment that a script works for, by key, and what it calls itself."""

    experiment: int
    worker: str


class Connections:
    """Peers as gRPC names them ("ipv4:127.0.0.1:40312"); safe in several threads."""

    def __init__(self, *, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._scripts: OrderedDict[str, Script] = OrderedDict()
        self._declared: OrderedDict[str, tuple[Entry, ...]] = OrderedDict()

    def bind(self, peer: str, script: Script) -> None:
        """From now on the connection is this script's."""
        with self._lock:
            self._put(self._scripts, peer, script)

    def script_of(self, peer: str) -> Script | None:
        """Whose it is; None before it said so."""
        with self._lock:
            script = self._scripts.get(peer)
            if script is not None:
                self._scripts.move_to_end(peer)
            return script

    def declare(self, peer: str, entries: tuple[Entry, ...]) -> None:
        """Keep what a connection declares before it says whose it is."""
        with self._lock:
            self._put(self._declared, peer, entries)

    def take_declared(self, peer: str) -> tuple[Entry, ...]:
        """What it declared; it is asked for once."""
        with self._lock:
            return self._declared.pop(peer, ())

    def _put(self, kept: "OrderedDict[str, T]", peer: str, value: T) -> None:
        kept[peer] = value
        kept.move_to_end(peer)
        while len(kept) > self._most:
            kept.popitem(last=False)
