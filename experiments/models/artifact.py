"""Artifacts: stored files, each with its size and hash."""

from django.db import models
from django.db.models.functions import Now

from experiments.models.execution import Execution
from experiments.models.trial import Trial


class Artifact(models.Model):
    """A file below DATA_DIR; the row is written only after the file lies whole."""

    class Kind(models.TextChoices):
        """What the file holds."""

        MODEL = "model"
        PREDICTIONS = "predictions"  # of an execution's validation rows
        BUNDLE = "bundle"

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="artifacts")
    execution = models.ForeignKey(
        Execution, null=True, blank=True, on_delete=models.CASCADE, related_name="artifacts"
    )
    kind = models.CharField(max_length=12, choices=Kind.choices)
    path = models.CharField(max_length=300, unique=True)  # relative to DATA_DIR
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    formats = models.JSONField(default=dict, blank=True)  # of a bundle: name → bytes or why not
    self_test = models.JSONField(default=dict, blank=True)  # of a bundle: what it said last
    created = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-created"]

    def __str__(self) -> str:
        return f"{self.kind} of {self.trial}"
