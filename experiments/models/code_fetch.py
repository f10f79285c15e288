"""Code fetched from a Git repository by a background job."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from experiments.models.project import Project


class CodeFetch(models.Model):
    """One fetch of one file with the neighbours that it imports.

    choices: where no path was named, the files to choose from. files: the neighbours' paths.
    """

    class State(models.TextChoices):
        """choosing: the commit is known, the file isn't."""

        WAITING = "waiting"
        CHOOSING = "choosing"
        FETCHED = "fetched"
        FAILED = "failed"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="code_fetches")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    name = models.CharField(max_length=120)  # of the code that it is to be a version of
    address = models.CharField(max_length=500)
    revision = models.CharField(max_length=200, blank=True)
    path = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    problem = models.TextField(blank=True)
    commit = models.CharField(max_length=64, blank=True)
    source = models.TextField(blank=True)
    files = models.JSONField(default=list, blank=True)
    choices = models.JSONField(default=list, blank=True)
    created = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "code fetches"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"fetch {self.pk}"
