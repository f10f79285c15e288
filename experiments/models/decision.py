"""Decisions of pruners, with everything they compared."""

from django.db import models
from django.db.models.functions import Now

from experiments.models.trial import Trial


class PruningDecision(models.Model):
    """One line of the rung table: where a trial stood at an epoch, and what became of it.

    A pruner without rungs leaves a line only where it ends a trial.
    """

    class Action(models.TextChoices):
        """go_on: among the best when it came; promoted: later, from its pause."""

        GO_ON = "go_on"
        PAUSE = "pause"
        PROMOTE = "promote"
        STOP = "stop"

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="decisions")
    epoch = models.PositiveIntegerField()  # of the first execution; 1-based
    action = models.CharField(max_length=10, choices=Action.choices)
    value = models.FloatField(null=True, blank=True)  # the objective there; null: no number
    cutoff = models.FloatField(null=True, blank=True)  # null: too few had come
    rank = models.PositiveIntegerField(default=1)  # 1 = best of `n`
    n = models.PositiveIntegerField(default=1)
    bracket = models.PositiveIntegerField(default=0)  # 1-based; 0: there are none
    reason = models.CharField(max_length=300, blank=True)
    created = models.DateTimeField(db_default=Now())

    class Meta:
        """A rung that is reached again after a crash is decided again: the last word counts."""

        ordering = ["trial", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["trial", "epoch", "action"], name="decision_at_an_epoch"
            )
        ]

    def __str__(self) -> str:
        return f"{self.trial} {self.action} at epoch {self.epoch}"
