"""Saved views of an experiment's trials."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from experiments.models.experiment import Experiment


class SavedView(models.Model):
    """`query` is what stands after the question mark; it stays as it is when a column goes."""

    NAME_LENGTH = 60
    QUERY_LENGTH = 4000

    experiment = models.ForeignKey(
        Experiment, on_delete=models.CASCADE, related_name="saved_views"
    )
    name = models.CharField(max_length=NAME_LENGTH)
    query = models.CharField(max_length=QUERY_LENGTH)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="saved_views"
    )
    created = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["experiment", "name"], name="saved_view_name")
        ]

    def __str__(self) -> str:
        return self.name
