"""Reports: what a test against a baseline takes for a trial's scores. Imports models and evaluation."""

import math

from experiments.evaluation.cross_epoch_scores import scores_at_others_epochs
from experiments.evaluation.score_rules import kept_weights
from experiments.models import Experiment, Trial
from experiments.reports.winner.follow_ups import scores_of


def fair_scores(search: Experiment, trial: Trial) -> tuple[float, ...]:
    """One score an execution, without the luck of having picked its own best epoch.

    Where the score is no best epoch, or a curve of the objective is missing, the stored scores.
    """
    scores = scores_of(trial)
    if kept_weights(search.score_rule) != "best" or len(scores) < 2:
        return scores
    ended = [each for each in trial.executions.all() if each.score is not None]
    curves = [each.history.get(search.objective, ()) for each in ended]
    if not all(any(_is_number(value) for value in curve) for curve in curves):
        return scores
    higher = search.direction == "maximize"
    return tuple(scores_at_others_epochs(curves, higher_is_better=higher))


def _is_number(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
