"""Configurations queued in a running search."""

from django.db import models
from django.db.models.functions import Now

from experiments.models.experiment import Experiment, SpaceVersion
from experiments.models.fields import person_key
from experiments.models.trial import Trial


class QueuedConfiguration(models.Model):
    """It becomes a trial as soon as one may begin, before the sampler is asked; or is withdrawn.

    Its trial has the origin `hand`: no sampler proposed it, so a replay only shows it to them.
    """

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="queued")
    space_version = models.ForeignKey(
        SpaceVersion, on_delete=models.PROTECT, related_name="queued"
    )
    values = models.JSONField()
    values_key = models.CharField(max_length=64)  # as `Trial.values_key`
    taken_from = models.PositiveIntegerField(null=True, blank=True)  # trial that it was made from
    queued_by = person_key()
    created = models.DateTimeField(db_default=Now())
    trial = models.OneToOneField(
        Trial, null=True, blank=True, on_delete=models.CASCADE, related_name="queued"
    )
    withdrawn = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["experiment", "trial"], name="queued_of_experiment")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(trial=None) | models.Q(withdrawn=None),
                name="queued_is_tried_or_withdrawn",
            )
        ]

    def __str__(self) -> str:
        return f"queued configuration of {self.experiment}"
