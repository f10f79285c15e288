"""Answers to the scripts that run external trials, and refusals.

The fields of TrialGiven, ReportReply and TrialResult are the JSON keys of the API.
"""

from dataclasses import dataclass
from typing import Final

from experiments.search.history import Values

WAIT_SECONDS: Final = 2.0  # until a script asks again


@dataclass(frozen=True, slots=True)
class TrialGiven:
    """A trial to run. key: the script's name for it. again: it had this trial already.

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
    """The search has ended; no more trials unless people resume it."""

    why: str


@dataclass(frozen=True, slots=True)
class ReportReply:
    """epochs: how many the trial has now. stop: end it and tell so; `why`."""

    epochs: int
    stop: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class TrialResult:
    """The outcome of a trial. again: it was already reported, and nothing changed."""

    number: int
    state: str
    score: float | None
    why: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """The reason why a script failed. may_retry: another try may help.

    again: whether it will run again, where the search counts tries itself.
    """

    message: str
    traceback: str = ""
    may_retry: bool = False
    again: bool | None = None


class NotOutside(Exception):
    """The site's own workers run the trials of this experiment."""


class UnknownTrial(LookupError):
    """No trial was ever given under this key."""


class NotYours(Exception):
    """The trial ended, or belongs to another attempt; the text says which. state: of the trial."""

    def __init__(self, text: str, *, state: str) -> None:
        super().__init__(text)
        self.state = state
