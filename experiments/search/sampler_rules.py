"""The contract of every sampler, tested by `manage.py check_strategy`."""

import copy
import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from experiments.search.history import History, ObservedTrial, TrialState
from experiments.search.space.space import Space
from experiments.search.strategy import Sampler, Suggestion

Rule = tuple[str, Callable[[Sampler], bool]]


def _space(*rows: dict[str, Any], constraints: tuple[str, ...] = ()) -> Space:
    return Space.from_dict({"hyperparameters": list(rows), "constraints": list(constraints)})


CONDITION: Final = {"only_if": {"name": "optimizer", "values": ["sgd"]}}
MIXED: Final = _space(
    {"name": "optimizer", "type": "choice", "choices": ["adam", "sgd"]},
    {"name": "momentum", "type": "float", "min": 0.1, "max": 0.9, "step": 0.4, **CONDITION},
    {"name": "units", "type": "int", "min": 16, "max": 128, "step": 16},
    {"name": "nesterov", "type": "boolean", **CONDITION},
    {"name": "rate", "type": "float", "min": 1e-4, "max": 1e-1, "step": 10, "scale": "log"},
    constraints=("units <= 96 or rate < 0.05",),
)
SMOOTH: Final = _space(
    {"name": "rate", "type": "float", "min": 1e-5, "max": 1e-1, "scale": "log"},
    {"name": "dropout", "type": "float", "min": 0.0, "max": 0.5},
)
SMALL: Final = _space(
    {"name": "a", "type": "choice", "choices": ["x", "y"]},
    {"name": "b", "type": "int", "min": 1, "max": 4},
    constraints=("b != 3",),
)
SPACES: Final = (MIXED, SMOOTH)


def ask(sampler: Sampler, space: Space, history: History, number: int) -> Suggestion | None:
    """One question, as a worker asks it."""
    rng = np.random.default_rng([history.seed, number])
    return sampler.suggest(space, history, number, rng)


def run(sampler: Sampler, space: Space, most: int, state: TrialState = "completed") -> History:
    """A search of at most `most` trials whose scores follow from their values."""
    history = History(planned=most)
    for number in range(most):
        found = ask(sampler, space, history, number)
        if found is None:
            break
        score = _score(found.values) if state == "completed" else None
        trial = ObservedTrial(number, found.values, state, score)
        history = History((*history.trials, trial), planned=most)
    return history


def _score(values: dict[str, Any]) -> float:
    numbers = [value for value in values.values() if not isinstance(value, str)]
    return math.fsum(math.log10(abs(value) + 1e-3) ** 2 for value in numbers)


def _inside(sampler: Sampler) -> bool:
    for space in SPACES:
        for trial in run(sampler, space, 30).trials:
            space.check(trial.values)
    return True


def _never_twice(sampler: Sampler) -> bool:
    histories = [run(sampler, MIXED, 40), run(sampler, MIXED, 40, "running")]
    keys = [[MIXED.key(trial.values) for trial in each.trials] for each in histories]
    return all(len(set(each)) == len(each) > 0 for each in keys)


def _same_answer(sampler: Sampler) -> bool:
    history = run(sampler, MIXED, 9)
    answers = [ask(each, MIXED, history, 9) for each in (sampler, sampler, copy.deepcopy(sampler))]
    return answers[0] == answers[1] == answers[2]


def _history_untouched(sampler: Sampler) -> bool:
    history = run(sampler, MIXED, 6)
    before = copy.deepcopy(history)
    ask(sampler, MIXED, history, 6)
    return history == before


def _without_scores(sampler: Sampler) -> bool:
    states: tuple[TrialState, ...] = (
        "waiting",
        "running",
        "paused",
        "failed",
        "pruned",
        "stopped",
    )
    return all(len(run(sampler, MIXED, 8, state)) == 8 for state in states)


def _odd_scores(sampler: Sampler) -> bool:
    first = run(sampler, MIXED, 6).trials
    for score in (None, math.nan, math.inf, -math.inf, 1e300, 0.0):
        odd = tuple(ObservedTrial(t.number, t.values, "completed", score) for t in first)
        for trials in (odd, (*first[:3], *odd[3:])):
            found = ask(sampler, MIXED, History(trials), 6)
            if found is None:
                return False
            MIXED.check(found.values)
    return True


def _older_space(sampler: Sampler) -> bool:
    old: list[Any] = [{"units": 999, "gone": 1}, {}, {"optimizer": "lion", "rate": "x"}]
    trials = tuple(ObservedTrial(n, values, "completed", 0.5) for n, values in enumerate(old))
    found = ask(sampler, MIXED, History(trials), 3)
    return found is not None and MIXED.meets(found.values)


def _used_up(sampler: Sampler) -> bool:
    history = run(sampler, SMALL, 50)
    return len(history) == 6 and ask(sampler, SMALL, history, len(history)) is None


def _says_why(sampler: Sampler) -> bool:
    found = ask(sampler, MIXED, History(), 0)
    return found is not None and found.why.endswith(".")


SAMPLER_RULES: Final[tuple[Rule, ...]] = (
    ("suggests only configurations of the space", _inside),
    ("never suggests a configuration twice, even while all trials run", _never_twice),
    ("gives the same suggestion for the same input", _same_answer),
    ("doesn't change the history", _history_untouched),
    ("continues while no trial has a score", _without_scores),
    ("continues after scores that are NaN or all equal", _odd_scores),
    ("continues after trials of an older space", _older_space),
    ("exhausts a small space, then returns None", _used_up),
    ("gives a reason as a sentence", _says_why),
)
