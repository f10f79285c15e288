"""A bounded, thread-safe memory of the latest values by key."""

import threading
from collections import OrderedDict
from typing import Final, Generic, TypeVar

T = TypeVar("T")
MOST: Final = 10_000


class RecentValues(Generic[T]):
    """At most `MOST` values; the one unused for longest is forgotten first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: OrderedDict[str, T] = OrderedDict()

    def put(self, key: str, value: T) -> None:
        """Store a value as the latest."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > MOST:
                self._values.popitem(last=False)

    def get(self, key: str) -> T | None:
        """The value, which becomes the latest; None if it is unknown or forgotten."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def pop(self, key: str) -> T | None:
        """Remove and return the value; None if it is unknown or forgotten."""
        with self._lock:
            return self._values.pop(key, None)
