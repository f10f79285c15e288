"""Progress lines of a start."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def step(title: str) -> Iterator[list[str]]:
    """Print the title, then what came of it: append a few words to the list that this yields."""
    outcome: list[str] = []
    started = time.monotonic()
    say(f"  {title} … ", end="")
    try:
        yield outcome
    except KeyboardInterrupt:
        say("interrupted", end="")
        raise
    except BaseException:
        say("failed")
        raise
    seconds = time.monotonic() - started
    words = ", ".join([*outcome, f"{seconds:.1f} s"] if seconds >= 0.1 or not outcome else outcome)
    say(words)


def say(text: str, *, end: str = "\n") -> None:
    """Print at once: a start is often watched through a pipe."""
    sys.stdout.write(f"{text}{end}")
    sys.stdout.flush()


class StartRefused(Exception):
    """The message is one sentence or two for the terminal: what is wrong and what to do."""
