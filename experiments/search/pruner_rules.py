"""The contract of every pruner, tested by `manage.py check_strategy`."""

import copy
import math
from collections.abc import Callable
from typing import Final

from experiments.search.history import History, ObservedTrial, TrialState
from experiments.search.strategy import Pruner

Rule = tuple[str, Callable[[Pruner], bool]]

EPOCHS: Final = 27


def curve(limit: float, epochs: int = EPOCHS) -> tuple[float, ...]:
    """An accuracy that comes near its limit."""
    return tuple(limit * (1 - 0.8 ** (epoch + 1)) for epoch in range(epochs))


def trial(
    number: int, values: tuple[float | None, ...], state: TrialState = "completed"
) -> ObservedTrial:
    """A trial of 27 epochs at most, with that curve."""
    score = values[-1] if values and state == "completed" else None
    return ObservedTrial(number, {"epochs": EPOCHS}, state, score, values)


def history_of(*trials: ObservedTrial) -> History:
    """A search for high values."""
    return History(trials, "maximize", epochs=EPOCHS, epoch_seconds=10.0)


PEERS: Final = history_of(*(trial(n, curve(0.5 + 0.04 * n)) for n in range(10)))


def _same_answer(pruner: Pruner) -> bool:
    before = copy.deepcopy(PEERS)
    for epoch in range(1, EPOCHS):
        one = trial(10, curve(0.4, epoch), "running")
        if pruner.decide(one, PEERS) != pruner.decide(one, PEERS):
            return False
    return before == PEERS


def _odd_values(pruner: Pruner) -> bool:
    for odd in (None, math.nan, math.inf, -math.inf):
        bad = history_of(*(trial(n, (odd,) * EPOCHS) for n in range(10)))
        for epoch in range(1, EPOCHS):
            pruner.decide(trial(10, (*curve(0.9, epoch)[:-1], odd), "running"), PEERS)
            if pruner.decide(trial(10, curve(0.9, epoch), "running"), bad).action == "stop":
                return False
    return True


def _alone(pruner: Pruner) -> bool:
    one = trial(0, curve(0.5, 9), "running")
    empty = History((), "maximize", epochs=EPOCHS)
    return pruner.decide(one, empty).action != "stop" and pruner.promote(empty) is None


def _last_epoch(pruner: Pruner) -> bool:
    return not pruner.looks_at(EPOCHS, EPOCHS)


def _rungs(pruner: Pruner) -> bool:
    rungs = pruner.rungs(EPOCHS)
    inside = all(0 < rung < EPOCHS and pruner.looks_at(rung, EPOCHS) for rung in rungs)
    return inside and list(rungs) == sorted(set(rungs))


def _promotes(pruner: Pruner) -> bool:
    if pruner.promote(PEERS) is not None:
        return False
    for rung in pruner.rungs(EPOCHS):
        paused = history_of(*(trial(n, curve(0.5 + n / 25, rung), "paused") for n in range(9)))
        found = pruner.promote(paused)
        if found is None or found.number not in range(9):
            return False
    return True


def _pauses_at_rungs_only(pruner: Pruner) -> bool:
    rungs = pruner.rungs(EPOCHS)
    decisions = {
        epoch: pruner.decide(trial(10, (0.01,) * epoch, "running"), PEERS)
        for epoch in range(1, EPOCHS)
        if pruner.looks_at(epoch, EPOCHS)
    }
    return all(d.action != "pause" or epoch in rungs for epoch, d in decisions.items())


def _says_why(pruner: Pruner) -> bool:
    for epoch in range(1, EPOCHS):
        decision = pruner.decide(trial(10, (0.01,) * epoch, "running"), PEERS)
        if decision.action == "go_on":
            continue
        standing = decision.standing
        if not decision.reason.endswith(".") or standing is None or standing.epoch != epoch:
            return False
    return True


PRUNER_RULES: Final[tuple[Rule, ...]] = (
    ("gives the same decision for the same input, and doesn't change the history", _same_answer),
    ("never stops a trial because of peers with NaN values", _odd_values),
    ("stops no trial that has no peers", _alone),
    ("makes no decision at the last epoch", _last_epoch),
    ("has increasing rungs below the last epoch, and looks at them", _rungs),
    ("promotes paused trials only", _promotes),
    ("pauses at its rungs only", _pauses_at_rungs_only),
    ("gives for each decision a reason, an epoch and a standing", _says_why),
)
