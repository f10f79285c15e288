"""Reports: how good trials without a score were when the pruner last judged them. Imports models.

A pruned or paused trial has no score: it was not trained to its end. What it had reached at its
last rung is known, and tells more than a gap.
"""

import math
from collections.abc import Sequence

from experiments.evaluation.protocol import Protocol
from experiments.models import Experiment, PruningDecision, Trial
from experiments.reports.figures import finite

BY_KEY = 200  # up to here trials are named in the query; beyond, the whole experiment is read


def without_score(keys: Sequence[int], scores: Sequence[float | None]) -> list[int]:
    """The keys whose score is none, or no number."""
    return [
        key
        for key, score in zip(keys, scores, strict=True)
        if score is None or not math.isfinite(score)
    ]


def at_last_rung(experiment: Experiment, unscored: Sequence[int]) -> dict[int, float | None]:
    """The objective at the last decision by the trial's key, for trials without a score; one query."""
    may_be_cut = experiment.pruner != "none" or Protocol.from_dict(experiment.protocol).races
    if not unscored or not may_be_cut:
        return {}
    decisions = PruningDecision.objects.order_by("pk")
    if len(unscored) <= BY_KEY:
        decisions = decisions.filter(trial__in=unscored)
    else:
        kept = Trial.objects.filter(experiment=experiment, score=None)
        decisions = decisions.filter(trial__in=kept)
    # A failed trial was no better for having passed a rung before.
    decisions = decisions.exclude(trial__state=Trial.State.FAILED)
    return {key: finite(value) for key, value in decisions.values_list("trial", "value")}
