"""Limits of a search: epochs, slot-hours, failures, minimum improvement.

Each answers with the sentence that ends the search, or with nothing while the limit is not met.
SPENT also ends the trials that run; ENOUGH only starts no more.
"""

from datetime import timedelta
from typing import Final

from django.db.models import Avg, DurationField, ExpressionWrapper, F, QuerySet, Sum
from django.db.models.functions import Coalesce, Now

from experiments.models import Attempt, Experiment, Trial
from experiments.number_words import plain
from experiments.search.models.expected_gain import AHEAD, expected_gain

TRIAL = Trial.State
FEWEST_FOR_SHARE: Final = 10  # of fewer ended trials no share is taken


def epochs_spent(experiment: Experiment) -> str:
    """Epochs of all executions, those of the trials that run included."""
    spent = epochs_left(experiment) == 0
    return f"The budget of {experiment.budget.max_epochs:,} epochs is used up." if spent else ""


def epochs_left(experiment: Experiment) -> int | None:
    """Epochs that may still be trained, beyond what is recorded; None without a limit."""
    limit = experiment.budget.max_epochs
    if limit is None:
        return None
    done = experiment.trials.aggregate(sum=Sum("epochs"))["sum"] or 0
    return max(0, limit - int(done))


def epochs_are_taken(experiment: Experiment) -> bool:
    """Whether the trials that run will use up the epochs that are left.

    A trial is expected to take as many as the ended ones on average; before one has ended, all that
    its executions may take.
    """
    left = epochs_left(experiment)
    if left is None:
        return False
    running = list(experiment.trials.filter(state=TRIAL.RUNNING).values_list("epochs", "values"))
    if not running:
        return False
    ended = experiment.trials.filter(state__in=[TRIAL.COMPLETED, TRIAL.PRUNED])
    mean = ended.aggregate(mean=Avg("epochs"))["mean"]
    executions = experiment.protocol.executions
    ahead = 0.0
    for done, values in running:
        planned = values.get("epochs", 0)  # scripts elsewhere may mean anything by it
        most = (planned if isinstance(planned, int | float) else 0) * executions
        ahead += max(0.0, (most if mean is None else min(mean, most)) - done)
    return ahead >= left


def slots_spent(experiment: Experiment) -> str:
    """Seconds that slots were taken by attempts at this experiment's trials, added up."""
    limit = experiment.budget.max_slot_seconds
    if limit is None:
        return ""
    taken = ExpressionWrapper(
        Coalesce(F("ended"), Now()) - F("started"), output_field=DurationField()
    )
    attempts = Attempt.objects.filter(trial__experiment=experiment)
    used: timedelta | None = attempts.aggregate(sum=Sum(taken))["sum"]
    if used is None or used.total_seconds() < limit:
        return ""
    return f"The budget of {plain(limit / 3600)} slot-hours is used up."


def too_many_failed(experiment: Experiment) -> str:
    """The share of failed trials among those that ended in this running period."""
    most = experiment.budget.max_failed_share
    if most is None:
        return ""
    ended = ended_trials(experiment)
    total = ended.count()
    failed = ended.filter(state=TRIAL.FAILED).count()
    if total < FEWEST_FOR_SHARE or failed <= most * total:
        return ""
    return f"{failed} of {total} trials failed ({failed / total:.0%}); the limit is {most:.0%}."


def ended_trials(experiment: Experiment) -> QuerySet[Trial]:
    """Trials of this running period that ended by themselves: who resumes starts counting anew."""
    ended = experiment.trials.filter(state__in=[TRIAL.COMPLETED, TRIAL.PRUNED, TRIAL.FAILED])
    if experiment.resumed is not None:
        ended = ended.filter(ended__gte=experiment.resumed)
    return ended


def gain_ahead(experiment: Experiment) -> float | None:
    """Expected improvement by another 20 trials; None while too few are complete."""
    scores = experiment.trials.filter(Trial.SCORED)
    found = [score for score in scores.values_list("score", flat=True) if score is not None]
    return expected_gain(found, experiment.direction)


def gained_enough(experiment: Experiment) -> str:
    """Less improvement is expected than the search requires."""
    least = experiment.budget.least_gain
    if least is None:
        return ""
    gain = gain_ahead(experiment)
    if gain is None or gain >= least:
        return ""
    return (
        f"Another {AHEAD} trials would improve the score by about {plain(gain, 2)}, "
        f"less than the minimum improvement of {plain(least)}."
    )


def waited_enough(experiment: Experiment) -> str:
    """No better score among the trials that ended after the best one; failed ones don't count."""
    patience = experiment.budget.patience
    best = None if patience is None else experiment.best_trial
    if patience is None or best is None or best.ended is None:
        return ""
    later = ended_trials(experiment).filter(ended__gt=best.ended, repeats=None)
    count = later.exclude(state=TRIAL.FAILED).count()
    if count < patience:
        return ""
    return f"{count:,} trials without a better score than trial {best.number}; the limit is {patience:,}."


SPENT: Final = (epochs_spent, slots_spent)
ENOUGH: Final = (gained_enough, waited_enough)
