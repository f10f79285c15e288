"""Reports: who worked on which trial, and when. Imports models."""

from typing import Any

from django.utils import timezone

from experiments.models import Attempt, Experiment


def attempts_report(experiment: Experiment) -> dict[str, Any]:
    """Every attempt at the experiment's trials as columns, in the order in which they began.

    start, end: seconds after `began`; an attempt that is under way ends now. One query.
    """
    rows = list(
        Attempt.objects.filter(trial__experiment=experiment)
        .order_by("started", "pk")
        .values_list(
            "worker", "trial__number", "number", "started", "ended", "outcome", "failure_kind"
        )
    )
    now = timezone.now()
    began = rows[0][3] if rows else now
    workers = sorted({row[0] for row in rows})
    place = {worker: index for index, worker in enumerate(workers)}
    return {
        "began": began.isoformat(),
        "workers": workers,
        "worker": [place[row[0]] for row in rows],
        "trial": [row[1] for row in rows],
        "attempt": [row[2] for row in rows],
        "start": [round((row[3] - began).total_seconds(), 2) for row in rows],
        "end": [round(((row[4] or now) - began).total_seconds(), 2) for row in rows],
        "outcome": [row[5] or "running" for row in rows],
        "failure": [row[6] for row in rows],
    }
