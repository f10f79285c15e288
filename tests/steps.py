"""How much Python a call runs: the same on a busy machine as on a quiet one, where seconds are not."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def steps_of(act: Callable[[], Any]) -> int:
    """Lines that this thread runs in `act`, each time that it runs them; what a library does in C is one line."""
    steps = 0

    def count(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal steps
        steps += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        act()
    finally:
        sys.settrace(before)
    return steps
