"""Reports: trials of a search that train another one of it again. Imports models.

A follow-up repeats trials of its search too, but its own count by themselves: only repeats within
one search belong to the trial that they repeat.
"""

from django.db.models import QuerySet

from experiments.models import Trial


def repeats_of_trial(trial: Trial) -> QuerySet[Trial]:
    """Whatever became of them, in their order."""
    return trial.repeated_by.filter(experiment=trial.experiment_id).order_by("number")


def repeated_by_trial(trial: Trial) -> Trial | None:
    """The trial of the same search that this one trains again."""
    first = trial.repeats
    same = first is not None and first.experiment_id == trial.experiment_id
    return first if same else None
