"""The contract of every tuner in addition to that of samplers."""

import copy
import math
from collections.abc import Callable
from typing import Final

from experiments.search.history import History
from experiments.search.sampler_rules import MIXED, run
from experiments.search.tuner import Outcome, Tuner

Rule = tuple[str, Callable[[Tuner], bool]]

OUTCOMES: Final = (
    Outcome(0, {"units": 16}, (0.5,), {"val_loss": 0.5}, ((0.9, 0.5),), 2, 1.0),
    Outcome(
        1, {"units": 32}, (0.5, 0.25, 0.75), {"val_loss": None}, ((None,), (), (0.75,)), 3, 1.0
    ),
)


def _scores(tuner: Tuner) -> bool:
    scores = [tuner.score(copy.deepcopy(each)) for each in OUTCOMES]
    again = [tuner.score(each) for each in OUTCOMES]
    return scores == again and all(score is None or math.isfinite(score) for score in scores)


def _goes_on(tuner: Tuner) -> bool:
    return tuner.is_over(MIXED, History()) == ""


def _ends_alike(tuner: Tuner) -> bool:
    history = run(tuner, MIXED, 9)
    before = copy.deepcopy(history)
    first, again = tuner.is_over(MIXED, history), tuner.is_over(MIXED, history)
    return first == again and isinstance(first, str) and history == before


def _says_why(tuner: Tuner) -> bool:
    words = tuner.is_over(MIXED, run(tuner, MIXED, 9))
    return not words or words.endswith(".")


TUNER_RULES: Final[tuple[Rule, ...]] = (
    ("gives the same trial the same score, a finite number or None", _scores),
    ("doesn't end a search without trials", _goes_on),
    ("ends searches consistently, and doesn't change the history", _ends_alike),
    ("gives the reason for ending a search as a sentence", _says_why),
)
