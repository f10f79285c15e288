"""Processes by their heartbeats, which don't depend on Redis."""

from django.db import models
from django.db.models.functions import Now

CANNOT_TRAIN = "can't train"  # begins the detail of a worker without a warm pool


class Worker(models.Model):
    """One process. `kind` trials: runs turns; short: uploads and bundles; housekeeping: reaper and reconciler;
    chief: serves KerasTuner scripts."""

    class Kind(models.TextChoices):
        """What the process does."""

        TRIALS = "trials"
        SHORT = "short"
        HOUSEKEEPING = "housekeeping"
        CHIEF = "chief"

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=14, choices=Kind.choices)
    host = models.CharField(max_length=120)
    pid = models.PositiveIntegerField()
    version = models.CharField(max_length=40, blank=True)
    detail = models.CharField(
        max_length=300, blank=True
    )  # warming up, can't train: …, Redis does not answer
    trial = models.ForeignKey(
        "Trial", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    experiment = models.ForeignKey(
        "Experiment", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    started = models.DateTimeField(db_default=Now())
    heartbeat = models.DateTimeField(db_default=Now())
    isolation = models.CharField(
        max_length=120, blank=True
    )  # how custom code is sandboxed; empty: this kind of worker runs none
    rss_bytes = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["kind", "name"]

    def __str__(self) -> str:
        return self.name
