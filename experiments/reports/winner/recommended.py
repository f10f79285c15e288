"""Reports: the trial that a search recommends beside the one with the best score. Imports models.

The tuner computes it with its models (`tuner/winner.py`).
"""

from dataclasses import dataclass

from experiments.evaluation.expected_words import ExpectedScore, expected_score
from experiments.models import Experiment, Trial
from experiments.reports.figures import finite


@dataclass(frozen=True, slots=True)
class Recommended:
    """The recommended trial and why; score: of the search; spread: standard deviation over its executions.

    observed: number of the trial with the best score. scored: trials that were compared.
    """

    number: int
    score: float
    spread: float | None
    reason: str
    observed: int
    scored: int
    expected: ExpectedScore

    @property
    def differs(self) -> bool:
        """Whether another trial has the best score."""
        return self.number != self.observed


def recommended(experiment: Experiment) -> Recommended | None:
    """What was recommended last; None before that, and while a newer best score is being considered."""
    trial, best, winner = experiment.recommended_trial, experiment.best_trial, experiment.winner
    if trial is None or best is None:
        return None
    observed = winner.get("observed")
    # Of equal scores, earlier versions took the one that ended first for the best.
    if observed != best.number and not _scores_alike(experiment, observed, best):
        return None
    score = finite(trial.score)
    if score is None:
        return None
    return Recommended(
        number=trial.number,
        score=score,
        spread=finite(trial.spread),
        reason=winner["reason"],
        observed=best.number,
        scored=winner["scored"],
        expected=expected_score(
            trial.expected, higher_is_better=experiment.direction == "maximize"
        ),
    )


def _scores_alike(experiment: Experiment, number: int | None, best: Trial) -> bool:
    return (
        number is not None
        and experiment.trials.filter(Trial.SCORED, number=number, score=best.score).exists()
    )
