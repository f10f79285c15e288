"""What scripts that run trials are answered, and why they are refused."""

from dataclasses import dataclass
from typing import Final

from experiments.search.history import Values

WAIT_SECONDS: Final = 2.0  # until a script asks again


@dataclass(frozen=True, slots=True)
class Asked:
    """A trial to run. key: what the script names it by. again: it had this trial already.

    is_probe: run with the script's own defaults, since the space is still empty: then `learn`.
    """

    key: str
    number: int
    values: Values
    again: bool = False
    is_probe: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """No trial now; ask again after `seconds`."""

    why: str
    seconds: float = WAIT_SECONDS


@dataclass(frozen=True, slots=True)
class Ended:
    """No trial any more, unless people let the search go on."""

    why: str


@dataclass(frozen=True, slots=True)
class Heard:
    """epochs: how many the trial has now. stop: end it and tell so, and `why`."""

    epochs: int
    stop: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a trial. again: it had been told before, and nothing was changed."""

    number: int
    state: str
    score: float | None
    why: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a script could not go on. may_retry: another try may help.

    again: whether it is tried again, where the search itself counts its tries.
    """

    message: str
    traceback: str = ""
    may_retry: bool = False
    again: bool | None = None


class NotOutside(Exception):
    """The site's own workers run the trials of this experiment."""


class UnknownTrial(LookupError):
    """No trial was ever given out under this key."""


class NotYours(Exception):
    """The trial ended, or is somebody else's by now; the text says which. state: of the trial."""

    def __init__(self, text: str, *, state: str) -> None:
        """`text` for people."""
        super().__init__(text)
        self.state = state
