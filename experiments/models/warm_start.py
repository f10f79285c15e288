"""The warm start of a search, as it was when the search was created."""

from django.db import models
from django.db.models.functions import Now

from experiments.models.experiment import Experiment


class WarmStart(models.Model):
    """Frozen, so that every suggestion follows from the record whatever becomes of the sources.

    studies: `reports/warm_start.py` reads them. by_hand: configurations that people put in.
    portfolio: chosen from the studies by the first turn; null before that.
    """

    experiment = models.OneToOneField(
        Experiment, on_delete=models.CASCADE, related_name="warm_start"
    )
    studies = models.JSONField(default=list)
    by_hand = models.JSONField(default=list)
    portfolio = models.JSONField(null=True, blank=True)
    created = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"warm start of {self.experiment}"
