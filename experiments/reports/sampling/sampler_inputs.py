"""Reports: what a sampler saw, recorded so that its suggestions can be repeated.

States change and scores come later; values, scores once given and the epochs behind a checkpoint
don't. So the record holds each trial's state then, how long the curves of paused trials were, and the budget,
how much of it re-evaluates top trials, and the slots, which people may change.
"""

import re
from collections.abc import Mapping
from itertools import groupby
from typing import Any, Final

from experiments.search.history import History, TrialState

LETTERS: Final[dict[TrialState, str]] = {
    "waiting": "w",
    "running": "r",
    "paused": "h",
    "completed": "c",
    "pruned": "p",
    "stopped": "s",
    "failed": "f",
}
STATES: Final = {letter: state for state, letter in LETTERS.items()}
RUN = re.compile(r"(\d*)([a-z])")
GROWING: Final = ("paused", "stopped")  # their curves may grow later


def seen(history: History, event: int, weights: tuple[float, ...] = ()) -> dict[str, Any]:
    """The record of a suggestion: counts for people; states, lengths and the budget for the replay.

    weights: the model's transfer weight of each earlier study.
    """
    letters = "".join(LETTERS[trial.state] for trial in history.trials)
    runs = ((letter, len(list(group))) for letter, group in groupby(letters))
    record: dict[str, Any] = {"weights": list(weights)} if weights else {}
    return record | {
        "settled": len(history.completed),
        "pending": [trial.number for trial in history.pending],
        "event": event,
        "planned": history.planned,
        "slots": history.slots,
        "confirm": history.confirm,
        "if_noisy": history.if_noisy,
        "states": "".join(f"{n if n > 1 else ''}{letter}" for letter, n in runs),
        "epochs": {
            str(trial.number): len(trial.curve)
            for trial in history.trials
            if trial.state in GROWING
        },
    }


def states_seen(saw: Mapping[str, Any]) -> list[TrialState] | None:
    """The state of each trial then, by number; None for records older than these states."""
    text = saw.get("states")
    if not isinstance(text, str):
        return None
    found: list[TrialState] = []
    for count, letter in RUN.findall(text):
        found += [STATES[letter]] * int(count or 1)
    return found


def epochs_seen(saw: Mapping[str, Any], number: int) -> int | None:
    """How long a growing curve was then; None where it was whole already."""
    found = saw.get("epochs", {}).get(str(number))
    return None if found is None else int(found)
