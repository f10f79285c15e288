"""Scripts on other machines: their access tokens, and those that the chief serves."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from experiments.models.experiment import Experiment
from experiments.models.fields import person_key
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
    revoked_by = person_key()
    used = models.DateTimeField(null=True, blank=True)  # written at most once a minute

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.start}…)"


class Script(models.Model):
    """One name of one experiment's scripts; `seen` moves every few seconds while it asks or reports."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="scripts")
    name = models.CharField(max_length=60)  # what it calls itself
    host = models.CharField(max_length=80, blank=True)  # the address that it calls from
    waits = models.BooleanField(default=False)  # for a trial, at its last call
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
