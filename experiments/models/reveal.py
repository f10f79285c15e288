"""Reveals of the test score: who, when, why, and the result."""

from django.db import models
from django.db.models.functions import Now

from experiments.models.experiment import Experiment
from experiments.models.fields import person_key
from experiments.models.trial import Trial


class Reveal(models.Model):
    """One reveal of the test score. Nothing changes or deletes it: the count is final.

    scores: {metric: value over the test rows}, the mean of the scored models; `each` has the values
    of every one of them. rows: of the locked test set.
    """

    class State(models.TextChoices):
        """waiting: until a worker has scored the models."""

        WAITING = "waiting"
        READY = "ready"
        FAILED = "failed"

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="reveals")
    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="reveals")
    number = models.PositiveIntegerField()  # 1-based
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    scores = models.JSONField(default=dict)
    each = models.JSONField(default=list)
    rows = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=1000, blank=True)  # why it failed
    created = models.DateTimeField(db_default=Now())
    revealed_by = person_key()

    class Meta:
        ordering = ["experiment", "number"]
        constraints = [
            models.UniqueConstraint(fields=["experiment", "number"], name="reveal_number")
        ]

    def __str__(self) -> str:
        return f"Reveal {self.number} of {self.experiment}"
