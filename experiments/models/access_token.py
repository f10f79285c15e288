"""Access tokens of scripts."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from experiments.models.experiment import Experiment
from experiments.models.project import Project


class AccessToken(models.Model):
    """Lets a script act for a person in one project, or in one experiment of it.

    Only a digest of its text is kept; `start` is for people to tell tokens apart.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="tokens")
    experiment = models.ForeignKey(
        Experiment, null=True, blank=True, on_delete=models.CASCADE, related_name="tokens"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="access_tokens"
    )
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True, editable=False)  # SHA-256 of the text
    start = models.CharField(max_length=12, editable=False)
    created = models.DateTimeField(db_default=Now())
    expires = models.DateTimeField(null=True, blank=True)
    revoked = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    used = models.DateTimeField(null=True, blank=True)  # written at most once a minute

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.start}…)"
