"""How often findings are raised in searches that have nothing to find: `manage.py bench findings --healthy SAMPLER`.

Healthy searches of smooth toy functions: every optimum inside, every hyperparameter worth something,
noise on each score, a few trials that fail wherever they are, curves that saturate. Each search is
looked at as the product does while it grows. A search counts once, however much it raises.
"""

import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy as np

from experiments.search.findings.registry import find_all, looked_for
from experiments.search.findings.search_state import SearchState, TrainedCurve
from experiments.search.findings.significance_levels import is_due
from experiments.search.history import History, ObservedTrial, Values
from experiments.search.space.space import Space
from experiments.search.strategies.registry import make_sampler

MOST: Final = 0.05  # share of the searches that may raise anything
FAILING: Final = 0.03  # share of the trials that fail, anywhere
EPOCHS: Final = 20
KINDS: Final = ("out_of_memory", "nan", "user_code")
ROWS: Final = (
    {"name": "learning_rate", "type": "float", "min": 1e-4, "max": 1e-1, "scale": "log"},
    {"name": "dropout", "type": "float", "min": 0.0, "max": 0.5},
    {"name": "units", "type": "int", "min": 16, "max": 256, "step": 16},
    {"name": "batch_size", "type": "choice", "choices": [32, 64, 128, 256, 512]},
    {"name": "activation", "type": "choice", "choices": ["relu", "tanh"]},
)
SPACE: Final = Space.from_dict({"hyperparameters": list(ROWS), "constraints": []})


def measure(sampler: str, *, searches: int, trials: int, executions: int) -> dict[str, Any]:
    """Run healthy searches of one sampler and count those that raise something."""
    raised: Counter[str] = Counter()
    alarms, begun = 0, time.perf_counter()
    for seed in range(searches):
        found = _looks(*_search(sampler, seed, trials, executions), trials=trials)
        alarms += bool(found)
        raised.update({key.split(":")[0] for key in found})
    return {
        "bench": "findings",
        "sampler": sampler,
        "searches": searches,
        "trials": trials,
        "executions": executions,
        "with_a_finding": alarms,
        "share": round(alarms / max(1, searches), 4),
        "by_kind": dict(raised),
        "seconds": round(time.perf_counter() - begun, 1),
        "passed": alarms <= MOST * searches,
    }


def _score_of(rng: np.random.Generator) -> Callable[[Values], float]:
    """A bowl whose bottom and steepness are drawn, with a product of two of its terms."""
    bottom = rng.uniform(0.25, 0.75, size=4)
    steep = rng.uniform(0.5, 1.5, size=4)
    word, cross = rng.uniform(0.06, 0.1), rng.uniform(-0.3, 0.3)
    better = str(rng.choice(["relu", "tanh"]))
    rows = SPACE.searched

    def score(values: Values) -> float:
        place = np.array([row.encode(values[row.name]) for row in rows[:4]]) - bottom
        loss = float((steep * place**2).sum() + cross * place[0] * place[1])
        return 0.95 - 0.3 * loss - (0.0 if values["activation"] == better else word)

    return score


def _search(
    sampler: str, seed: int, trials: int, executions: int
) -> tuple[History, dict[int, str]]:
    """A finished search, and the kinds of its failures by trial."""
    rng = np.random.default_rng([seed, 77])
    score, noise = _score_of(rng), float(rng.uniform(0.002, 0.02))
    chosen = make_sampler(sampler, {})
    history = History((), "maximize", seed, planned=trials)
    failures: dict[int, str] = {}
    for number in range(trials):
        suggestion = chosen.suggest(SPACE, history, number, np.random.default_rng([seed, number]))
        if suggestion is None:
            break
        trial = ObservedTrial(number, suggestion.values, "failed")
        if rng.random() < FAILING:
            failures[number] = str(rng.choice(KINDS))
        else:
            exact = score(suggestion.values)
            each = tuple(float(exact + noise * rng.normal()) for _ in range(executions))
            mean = math.fsum(each) / executions
            kept = each if executions > 1 else ()
            trial = ObservedTrial(number, suggestion.values, "completed", mean, executions=kept)
        history = replace(history, trials=(*history.trials, trial))
    return history, failures


def _curves(history: History) -> tuple[TrainedCurve, ...]:
    """Saturating curves with noise, of the ten best trials."""
    best = sorted(history.scored, key=lambda trial: -(trial.score or 0.0))[:10]
    return tuple(_curve(trial, history.seed) for trial in best)


def _curve(trial: ObservedTrial, seed: int) -> TrainedCurve:
    rng = np.random.default_rng([seed, trial.number, 5])
    rise = 1 - 0.5 * np.exp(-np.arange(1, EPOCHS + 1) / 4)
    validation = (trial.score or 0.0) * rise + 0.005 * rng.normal(size=EPOCHS)
    return TrainedCurve(trial.number, tuple(map(float, validation)), tuple(map(float, rise)))


def _looks(history: History, failures: dict[int, str], *, trials: int) -> set[str]:
    """Every "kind:subject" that any look raised; half of the budget is still to come at the end."""
    raised: set[str] = set()
    standing: frozenset[str] = frozenset()
    before = 0
    for ended in range(1, len(history) + 1):
        if not (is_due(ended, before) or ended == len(history)):
            continue
        before, part = ended, replace(history, trials=history.trials[:ended])
        look = SearchState(
            space=SPACE,
            history=part,
            failures=failures,
            curves=_curves(part),
            left=2 * trials - ended,
            standing=standing,
        )
        found = find_all(look, looked_for(scheduled=True))
        standing = frozenset(f"{each.kind}:{each.subject}" for each in found)
        raised |= standing
    return raised
