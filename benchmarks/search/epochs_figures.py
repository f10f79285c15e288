"""From multi-fidelity runs to figures: epochs to a goal, ratios at equal epochs, targets met or missed."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from benchmarks.search.curves import EPOCHS
from benchmarks.search.epochs_runs import CHECKPOINTS, STEP, EpochRun
from benchmarks.search.figures import DRAWS, SHARE, Target, judge

Array = npt.NDArray[np.float64]

RANDOM: Final = "random+none"
DEFAULT: Final = "auto+auto"
WHOLE: Final = 50  # trainings of random search whose result is the goal
SPEED_UP: Final = 4.5  # of the default, at least
LEVELS: Final = (0.20, 0.15, 0.10)
TARGETS: Final = (
    Target(DEFAULT, "optuna_tpe_hyperband", "search", 540, 1.00),
    Target(DEFAULT, "keras_tuner_hyperband", "search", 540, 0.85),
)


def summary(runs: Sequence[EpochRun]) -> dict[str, Any]:
    """Means over the runs of one tool."""
    mean = _paths(runs).mean(axis=0)
    return {
        "runs": len(runs),
        "search": _at_checkpoints([run.search for run in runs]),
        "regret": _at_checkpoints([run.regret for run in runs]),
        "epochs_to": {level: _reached(mean, level) for level in LEVELS},
        "trials": round(float(np.mean([run.trials for run in runs])), 1),
        "complete": round(float(np.mean([run.complete for run in runs])), 1),
        "ask_ms": round(float(np.mean([run.ask_ms for run in runs])), 2),
    }


def _at_checkpoints(many: Sequence[dict[int, float]]) -> dict[int, float]:
    shared = [at for at in CHECKPOINTS if all(at in each for each in many)]
    return {at: round(float(np.mean([each[at] for each in many])), 4) for at in shared}


def speed_up(runs: Sequence[EpochRun], goals: Mapping[str, float]) -> dict[str, Any]:
    """Epochs of `WHOLE` trainings over those until the mean search regret is random search's then.

    goals: the search regret of random search after so many whole trainings, on each table.
    Tables weigh the same; the interval is a bootstrap's over the seeds of each. A tool that never
    comes so far has a speed-up of 0. by_table: of each table alone.
    """
    tables = {name: _paths([run for run in runs if run.table == name]) for name in goals}
    goal = float(np.mean(list(goals.values())))
    rng = np.random.default_rng(0)
    found = [
        _speed_up([_resampled(paths, rng) for paths in tables.values()], goal)
        for _ in range(DRAWS)
    ]
    tail = (1 - SHARE) / 2
    low, high = np.quantile(found, (tail, 1 - tail))
    return {
        "speed_up": round(_speed_up(list(tables.values()), goal), 2),
        "low": round(float(low), 2),
        "high": round(float(high), 2),
        "goal": round(goal, 4),
        "by_table": {
            name: round(_speed_up([paths], goals[name]), 2) for name, paths in tables.items()
        },
    }


def _resampled(paths: Array, rng: np.random.Generator) -> Array:
    return paths[rng.integers(len(paths), size=len(paths))]


def _speed_up(tables: Sequence[Array], goal: float) -> float:
    mean = np.mean([paths.mean(axis=0) for paths in tables], axis=0)
    epochs = _reached(mean, goal)
    return 0.0 if epochs is None else WHOLE * EPOCHS / epochs


def _paths(runs: Sequence[EpochRun]) -> Array:
    """Shape (runs, points)."""
    points = sorted(set.intersection(*(set(run.search) for run in runs)))
    return np.array([[run.search[at] for at in points] for run in runs])


def _reached(mean: Array, goal: float) -> int | None:
    """The epochs from which on the mean stays at the goal or below.

    Before a tool's first whole training its best trial so far may still be replaced by a worse one.
    """
    above = np.flatnonzero(mean > goal + 1e-12)
    place = int(above[-1]) + 1 if len(above) else 0
    return STEP * (place + 1) if place < len(mean) else None


def all_figures(runs: Mapping[str, list[EpochRun]], goals: Mapping[str, float]) -> dict[str, Any]:
    """Each tool alone, its speed-up over random search, and the targets; goals: as of `speed_up`."""
    speeds = {name: speed_up(found, goals) for name, found in runs.items() if found}
    targets = judge(runs, TARGETS)
    if DEFAULT in speeds:
        row = {"tool": DEFAULT, "against": RANDOM, "what": "speed_up", "least": SPEED_UP}
        figures = speeds[DEFAULT]
        targets.append({**row, **figures, "met": figures["speed_up"] >= SPEED_UP})
    return {
        "tools": {name: summary(found) for name, found in runs.items() if found},
        "speed_ups": speeds,
        "targets": targets,
        "passed": all(row["met"] for row in targets),
    }
