"""Room: chief. Trials that were given out and of which nothing was reported: what a script asks before it reports.

Lives in memory, may be forgotten: then the database is asked.
"""

import threading
from collections import OrderedDict
from typing import Any, Final

MOST: Final = 10_000  # the longest kept is forgotten first


class Begun:
    """Answers by trial id; safe in several threads."""

    def __init__(self, *, most: int = MOST) -> None:
        """None yet."""
        self._most = most
        self._lock = threading.Lock()
        self._answers: OrderedDict[str, Any] = OrderedDict()

    def keep(self, trial_id: str, answer: Any) -> None:
        """The trial begins, or begins anew."""
        with self._lock:
            self._answers[trial_id] = answer
            self._answers.move_to_end(trial_id)
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)

    def get(self, trial_id: str) -> Any | None:
        """What was given out; None where more is known by now."""
        with self._lock:
            return self._answers.get(trial_id)

    def forget(self, trial_id: str) -> None:
        """Something was reported of it."""
        with self._lock:
            self._answers.pop(trial_id, None)
