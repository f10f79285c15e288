"""Background jobs that were requested and haven't ended."""

from django.db import models
from django.db.models.functions import Now


class BackgroundJob(models.Model):
    """One job of the short queue, from its request to its end, whatever becomes of Redis and its worker.

    worker: the process that runs it; empty: none yet, or it failed and is due again.
    """

    name = models.CharField(max_length=120)  # of the function, dotted
    arguments = models.JSONField(default=list)
    requested = models.DateTimeField(db_default=Now())
    worker = models.CharField(max_length=120, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.name}{tuple(self.arguments)}"
