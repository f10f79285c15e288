"""Reports: how much each hyperparameter moves the score, and the score over two of them.

Imports models and the kernel. Few trials are read, drawn with a fixed seed, and what was made of
them is kept until another trial ends.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, cast

import numpy as np
from django.db.models import Count, Max

from experiments.models import Experiment, SpaceVersion, Trial
from experiments.reports.figures import finite
from experiments.reports.trials.order import at_last_rung, key_of, name_of
from experiments.search.history import History, ObservedTrial, Values
from experiments.search.models.importance import LEAST_TRIALS, Study, studies
from experiments.search.models.observations import fitting
from experiments.search.space.space import Space

DRAWN: Final = 700  # trials that are read; every condition's share of them is studied
KEPT: Final = 8  # experiments whose studies stay in memory
DIGITS: Final = 5
State = Trial.State


@dataclass(frozen=True, slots=True)
class Importance:
    """Studies of the trials that ended, and how many trials stand behind them.

    ended: completed and pruned ones. read: those that were drawn. used: of these, with a number
    and values of the newest space. outside: with a number, but values that an edit left outside
    that space. pruned: of the used, with what the pruner last saw.
    """

    space: Space
    studies: tuple[Study, ...]
    ended: int
    read: int
    used: int
    outside: int
    pruned: int


def importance_report(experiment: Experiment) -> dict[str, Any]:
    """As JSON; see docs/guide/chart-data.md."""
    found = importance_of(experiment)
    failed = experiment.trials.filter(state=State.FAILED).count()
    return {
        "objective": experiment.objective,
        "least": LEAST_TRIALS,
        "ended": found.ended,
        "read": found.read,
        "used": found.used,
        "outside": found.outside,
        "pruned": found.pruned,
        "failed": failed,
        "studies": [_study(study) for study in found.studies],
        "pair": [key_of(name) for name in _most_important(found.studies)],
    }


def surface_report(experiment: Experiment, x: str, y: str) -> dict[str, Any]:
    """The typical score over two hyperparameters by their keys; `why` where there is none."""
    found = importance_of(experiment)
    first, second = name_of(x), name_of(y)
    report: dict[str, Any] = {"objective": experiment.objective, "x": x, "y": y, "why": ""}
    if first == second:
        return report | {"why": "Choose two different hyperparameters."}
    for study in found.studies:
        surface = study.surface(first, second)
        across, along = study.axis(first), study.axis(second)
        if surface is not None and across is not None and along is not None:
            sign = 1.0 if experiment.direction == "minimize" else -1.0
            mean, error = surface
            return report | {
                "used": study.used,
                "state": study.state,
                "conditions": [each.to_dict() for each in study.conditions],
                "cells_x": across.ends(),
                "cells_y": along.ends(),
                "score": [[finite(float(v), DIGITS) for v in row] for row in sign * mean],
                "error": [[finite(float(v), DIGITS) for v in row] for row in error],
            }
    return report | {"why": _why_not(found, first, second)}


def importance_of(experiment: Experiment) -> Importance:
    """Two queries while nothing ended since the last time, six otherwise."""
    version = experiment.space_versions.order_by("-number").first()
    ended = experiment.trials.filter(state__in=(State.COMPLETED, State.PRUNED), set_aside="")
    last = ended.aggregate(count=Count("pk"), serial=Max("event_serial"))
    if version is None:
        return Importance(Space(()), (), 0, 0, 0, 0, 0)
    return _importance(experiment.pk, version.pk, last["count"], last["serial"])


@lru_cache(maxsize=KEPT)
def _importance(experiment_pk: int, version_pk: int, ended: int, serial: int | None) -> Importance:
    del serial  # a trial that ends raises it: then this is computed anew
    experiment = Experiment.objects.get(pk=experiment_pk)
    space = Space.from_dict(SpaceVersion.objects.get(pk=version_pk).space)
    records = _drawn(experiment)
    trials = tuple(_observed(experiment, records))
    known = fitting(space, History(trials=trials))
    sign = 1.0 if experiment.direction == "minimize" else -1.0
    losses = np.array([sign * (trial.score or 0.0) for trial, _ in known], dtype=np.float64)
    pruned = np.array([trial.state == "pruned" for trial, _ in known], dtype=np.bool_)
    if pruned.any() and not pruned.all():
        # It was pruned because it was behind: as samplers see it (search/models/observations.py).
        losses[pruned] = np.maximum(losses[pruned], np.median(losses[~pruned]))
    found = studies(space, [values for _, values in known], losses)
    outside = len(trials) - len(known)
    return Importance(space, found, ended, len(records), len(known), outside, int(pruned.sum()))


def _drawn(experiment: Experiment) -> list[dict[str, Any]]:
    """Completed and pruned trials: all of them, or as many as are read, drawn by number."""
    ended = experiment.trials.filter(state__in=(State.COMPLETED, State.PRUNED), set_aside="")
    numbers = list(ended.order_by("number").values_list("number", flat=True))
    if len(numbers) > DRAWN:
        ended = ended.filter(number__in=random.Random(0).sample(numbers, DRAWN))
    rows = ended.order_by("number").values("pk", "number", "values", "state", "score")
    return [{**row} for row in rows]


def _observed(experiment: Experiment, records: list[dict[str, Any]]) -> Iterator[ObservedTrial]:
    """Trials with a number: their score, or of a pruned one what its pruner last saw."""
    keys, scores = [each["pk"] for each in records], [each["score"] for each in records]
    judged = at_last_rung(experiment, keys, scores)
    for record in records:
        is_pruned = record["state"] == State.PRUNED
        score = judged.get(record["pk"]) if is_pruned else finite(record["score"])
        if score is not None:
            yield ObservedTrial(
                record["number"],
                cast(Values, record["values"]),
                "pruned" if is_pruned else "completed",
                score,
            )


def _study(study: Study) -> dict[str, Any]:
    return {
        "conditions": [each.to_dict() for each in study.conditions],
        "names": [key_of(name) for name in study.names],
        "n": study.n,
        "used": study.used,
        "state": study.state,
        "effects": [
            {
                "names": [key_of(name) for name in effect.names],
                "share": finite(effect.share, DIGITS),
                "low": finite(effect.low, DIGITS),
                "high": finite(effect.high, DIGITS),
            }
            for effect in study.effects
        ],
    }


def _most_important(found: tuple[Study, ...]) -> tuple[str, ...]:
    """The two hyperparameters to look at first: the largest alone and the other that adds most."""
    effects = found[0].effects if found else ()
    alone = {each.names[0]: each.share for each in effects if len(each.names) == 1}
    pairs = [each for each in effects if len(each.names) == 2]
    best = max(pairs, key=lambda pair: _together(pair.names, pair.share, alone), default=None)
    if len(alone) < 2:
        return ()
    first, second = sorted(alone, key=lambda name: -alone[name])[:2]
    plain = alone[first] + alone[second]
    if best is None or _together(best.names, best.share, alone) <= plain:
        return (first, second)
    return tuple(sorted(best.names, key=lambda name: -alone.get(name, 0.0)))


def _together(names: tuple[str, ...], share: float, alone: Mapping[str, float]) -> float:
    return share + sum(alone.get(name, 0.0) for name in names)


def _why_not(found: Importance, first: str, second: str) -> str:
    known = {row.name for row in found.space.searched}
    for name in (first, second):
        if name not in known:
            return f"{name} is not a tuned hyperparameter of the space."
    states = {study.state for study in found.studies if {first, second} & {*study.names}}
    if "few" in states or found.used < LEAST_TRIALS:
        return f"The contour needs {LEAST_TRIALS} scored trials in which both hyperparameters are active."
    if "equal" in states:
        return "All trials have the same score."
    return f"Too few trials have both {first} and {second}, or one of them never varies."
