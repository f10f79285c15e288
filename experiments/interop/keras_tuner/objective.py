"""Infers the objective of a KerasTuner project, which doesn't store it.

It is the one whose best value, by its own direction, is the score of every scored trial.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from experiments.interop.imported_search import ImportRefused, finite
from experiments.interop.keras_tuner.trial_file import RawTrial
from experiments.search.history import Direction

# KerasTuner takes these for losses, as every name that it doesn't know.
MISTAKEN: Final = ("f1_score", "r2_score", "cosine_similarity", "auc_")
UNKNOWN: Final = "score"  # of a search without any score


@dataclass(frozen=True, slots=True)
class Objective:
    """The metric, its direction, and notes for people."""

    name: str
    direction: Direction
    notes: tuple[str, ...] = ()


def find_objective(
    trials: Sequence[RawTrial], wanted: str = "", direction: Direction | None = None
) -> Objective:
    """The objective, or the one that a person names. Raises ImportRefused with the choices."""
    names = tuple(dict.fromkeys(name for trial in trials for name in trial.metrics))
    if all(finite(trial.score) is None for trial in trials):
        return _of_none(trials, names, wanted, direction)
    if wanted and wanted not in names:
        listed = ", ".join(names[:20]) or "none"
        raise ImportRefused(
            f"No trial has the metric {wanted}. Recorded: {listed}.", names, "objective"
        )
    name = wanted or _by_scores(trials, names)
    recorded = _recorded(trials, name)
    return Objective(name, direction or recorded, tuple(_notes(trials, name, recorded, direction)))


def _of_none(
    trials: Sequence[RawTrial], names: tuple[str, ...], wanted: str, direction: Direction | None
) -> Objective:
    """That of a search without any score: nothing depends on it until a trial has one."""
    likely = [name for name in names if name.startswith("val_")] or list(names)
    name = wanted or (likely[0] if len(likely) == 1 else UNKNOWN)
    note = f"No trial has a score. KerasTuner doesn't store the objective: it is {name} here."
    return Objective(name, direction or _recorded(trials, name), (note,))


def _by_scores(trials: Sequence[RawTrial], names: tuple[str, ...]) -> str:
    scored = [trial for trial in trials if finite(trial.score) is not None]
    found = {name: sum(_is_score(trial, name) for trial in scored) for name in names}
    most = max(found.values(), default=0)
    if 2 * most <= len(scored):
        raise ImportRefused(
            "The objective is unknown: KerasTuner doesn't store it, and no metric's "
            "best values equal the trials' scores. Enter the objective.",
            names,
            "objective",
        )
    likely = [name for name in names if found[name] == most]
    validated = [name for name in likely if name.startswith("val_")]
    likely = validated or likely
    if len(likely) > 1:
        raise ImportRefused(
            f"Several metrics could be the objective: {', '.join(likely)}. Enter the objective.",
            tuple(likely),
            "objective",
        )
    return likely[0]


def _is_score(trial: RawTrial, name: str) -> bool:
    tracked, score = trial.metrics.get(name), trial.score
    if tracked is None or score is None or math.isnan(tracked.best):
        return False
    return math.isclose(tracked.best, score, rel_tol=1e-6, abs_tol=1e-12)


def _recorded(trials: Sequence[RawTrial], name: str) -> Direction:
    for trial in trials:
        if name in trial.metrics:
            return "maximize" if trial.metrics[name].direction == "max" else "minimize"
    return "minimize"


def _notes(
    trials: Sequence[RawTrial], name: str, recorded: Direction, given: Direction | None
) -> list[str]:
    notes = []
    bare = name.removeprefix("val_")
    if recorded == "minimize" and given is None and bare.startswith(MISTAKEN):
        notes.append(
            f"KerasTuner minimized {name}, of which larger is better. To maximize it, "
            "import it with the direction maximize."
        )
    for trial in trials:
        if finite(trial.score) is not None and not _is_score(trial, name):
            notes.append(
                f"Trial {trial.key}: its score {trial.score} isn't its best {name}. "
                "The score is imported unchanged."
            )
    return notes[:20]
