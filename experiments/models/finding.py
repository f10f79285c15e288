"""Findings, and whether people dismissed them."""

from django.db import models
from django.db.models.functions import Now

from experiments.models.experiment import Experiment
from experiments.models.fields import person_key


class Finding(models.Model):
    """One statement about an experiment, as its last look found it.

    evidence, confidence, action: as `search/findings/finding.py` has them. It is open while it is
    neither cleared (a later look found it no more) nor dismissed (a person gave a reason).
    """

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="findings")
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=220)  # within the kind: a hyperparameter, a trial
    statement = models.CharField(max_length=1000)
    gain = models.CharField(max_length=300, blank=True)
    evidence = models.JSONField(default=dict)
    confidence = models.JSONField(default=dict)
    action = models.JSONField(default=dict)
    trials = models.JSONField(default=list)
    raised = models.DateTimeField(db_default=Now())
    raised_at = models.PositiveIntegerField(default=0)  # ended trials at its first look
    seen_at = models.PositiveIntegerField(default=0)  # and at the last look that showed it
    cleared = models.DateTimeField(null=True, blank=True)
    dismissed = models.DateTimeField(null=True, blank=True)
    dismissed_by = person_key()
    reason = models.CharField(max_length=500, blank=True)  # why it was dismissed
    event_serial = models.BigIntegerField(default=0)  # experiment.event_serial of its last change

    class Meta:
        ordering = ["experiment", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["experiment", "kind", "subject"], name="finding_of_experiment"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} of {self.experiment}"
