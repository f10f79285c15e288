"""Trials sent to scripts, which ask for them once more before they report.

Only a report of the script ends an answer. That a person stopped the trial, or that it was taken back from a silent
script, is not in it: the script learns that when it reports. It lives in the memory of one process, where the longest
kept is forgotten first; the database is asked then.
"""

import threading
from collections import OrderedDict
from typing import Any, Final

MOST: Final = 10_000  # the longest kept is forgotten first


class Begun:
    """Answers by trial id; safe in several threads."""

    def __init__(self, *, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._answers: OrderedDict[str, Any] = OrderedDict()

    def keep(self, trial_id: str, answer: Any) -> None:
        with self._lock:
            self._answers[trial_id] = answer
            self._answers.move_to_end(trial_id)
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)

    def get(self, trial_id: str) -> Any | None:
        """What was given out; None where the script reported of it, or it was forgotten."""
        with self._lock:
            return self._answers.get(trial_id)

    def forget(self, trial_id: str) -> None:
        with self._lock:
            self._answers.pop(trial_id, None)
