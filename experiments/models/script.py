"""External scripts connected to the chief."""

from django.db import models
from django.db.models.functions import Now

from experiments.models.experiment import Experiment


class Script(models.Model):
    """One name of one experiment's scripts; `seen` moves every few seconds while it asks or reports."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="scripts")
    name = models.CharField(max_length=60)  # what it calls itself
    host = models.CharField(max_length=80, blank=True)  # the address that it calls from
    waits = models.BooleanField(default=False)  # for a trial, when it was last heard
    first = models.DateTimeField(db_default=Now())
    seen = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["experiment", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["experiment", "name"], name="script_name_in_experiment"
            )
        ]

    def __str__(self) -> str:
        return self.name
