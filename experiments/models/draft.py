"""Drafts of the new-experiment form, saved while typing."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from experiments.models.project import Project


class Draft(models.Model):
    """One person's unfinished form in one project; `revision` tells two browser tabs apart."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="drafts")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts"
    )
    body = models.JSONField(default=dict)  # the form's fields as typed, right or wrong
    revision = models.PositiveIntegerField(default=1)
    created = models.DateTimeField(db_default=Now())
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-updated"]

    def __str__(self) -> str:
        return f"draft {self.pk}"
