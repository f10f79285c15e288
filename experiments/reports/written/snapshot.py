"""Reports: an experiment frozen for a report: its facts, and the very answers that its charts read.

Imports sibling reports. What is kept is bounded: 10,000 trials, and 4 MB of each part once compressed.
"""

import gzip
import json
import random
from collections.abc import Iterator
from typing import Any, Final

from django.utils import timezone

from experiments.models import Experiment, ReportSnapshot, Trial
from experiments.reports.analysis.importance import importance_report
from experiments.reports.analysis.pareto_front import Front, front
from experiments.reports.figures import finite
from experiments.reports.trials.all_trials import history_report
from experiments.reports.trials.curves import curves
from experiments.reports.written.facts import curve_number, facts_of

MOST_TRIALS: Final = 10_000
MOST_BYTES: Final = 4_000_000  # of a part, compressed


def freeze(experiment: Experiment, *, most_trials: int = MOST_TRIALS) -> ReportSnapshot:
    """The experiment as it stands now, for a service to store."""
    taken = timezone.now()
    total = experiment.trials.count()
    history, kept = _history(experiment, total, min(total, most_trials))
    found = front(experiment)
    return ReportSnapshot(
        experiment=experiment,
        taken=taken,
        total=total,
        kept=kept,
        facts=facts_of(experiment).to_dict(),
        history=history,
        curves=_curves(experiment),
        importance=packed(importance_report(experiment)),
        front=packed(_front(found, most_trials)) if found else b"",
    )


def packed(body: object) -> bytes:
    """As gzipped JSON."""
    text = json.dumps(body, separators=(",", ":"), allow_nan=False)
    return gzip.compress(text.encode(), mtime=0)


def _history(experiment: Experiment, total: int, kept: int) -> tuple[bytes, int]:
    """All trials, or as many as may be kept; half of them again where they are too large."""
    numbers = None if kept == total else _drawn(experiment, kept)
    body = packed(history_report(experiment, numbers))
    while len(body) > MOST_BYTES and kept > 1:
        kept //= 2
        body = packed(history_report(experiment, _drawn(experiment, kept)))
    return body, kept


def _drawn(experiment: Experiment, count: int) -> list[int]:
    """Numbers of trials to keep: each that was the best so far, the newest first, then by chance."""
    rows = list(
        Trial.objects.filter(experiment=experiment)
        .order_by("number")
        .values_list("number", "state", "score", "set_aside")
    )
    sign = 1.0 if experiment.direction == "maximize" else -1.0
    best = list(_improving(rows, sign))[-count:]
    taken = set(best)
    others = [number for number, *_ in rows if number not in taken]
    drawn = random.Random(0).sample(others, min(len(others), count - len(best)))
    return sorted([*best, *drawn])


def _improving(rows: list[tuple[int, str, float | None, str]], sign: float) -> Iterator[int]:
    best: float | None = None
    for number, state, score, aside in rows:
        counted = state == Trial.State.COMPLETED and not aside and finite(score) is not None
        if counted and score is not None and (best is None or sign * score > best):
            best = sign * score
            yield number


def _curves(experiment: Experiment) -> bytes:
    """Of the winner; of its objective alone, or none, where all metrics are too large."""
    number = curve_number(experiment)
    found = [curve.to_dict() for curve in curves(experiment, [] if number is None else [number])]
    objective = experiment.objective
    plain = [
        {**each, "metrics": {k: v for k, v in each["metrics"].items() if k == objective}}
        for each in found
    ]
    for kept in (found, plain):
        body = packed({"cursor": "", "curves": kept})
        if len(body) <= MOST_BYTES:
            return body
    return packed({"cursor": "", "curves": []})


def _front(found: Front, most: int) -> dict[str, Any]:
    """The front, and of the other trials as many as may be kept."""
    body = found.to_dict()
    if len(body["trials"]) <= most:
        return body
    members = set(body["front"][:most])
    others = [each for each in body["trials"] if each["number"] not in members]
    drawn = random.Random(0).sample(others, max(0, most - len(members)))
    kept = [each for each in body["trials"] if each["number"] in members]
    return {**body, "trials": kept + drawn, "front": body["front"][:most]}
