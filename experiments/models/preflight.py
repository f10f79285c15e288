"""Preflight checks of plans."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from experiments.models.project import Project


class Preflight(models.Model):
    """One check of one plan. `token`: the code that its experiment gets, so that it starts once."""

    class State(models.TextChoices):
        """blocked: a corner of the space fails. failed: the check itself did. skipped: by a person."""

        WAITING = "waiting"
        RUNNING = "running"
        PASSED = "passed"
        BLOCKED = "blocked"
        FAILED = "failed"
        SKIPPED = "skipped"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="preflights")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="preflights"
    )
    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    token = models.UUIDField(db_index=True)
    cloned_from = models.UUIDField(null=True, blank=True)
    plan = models.JSONField()
    starts = models.BooleanField(default=False)  # the search starts when it passes
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    message = models.TextField(blank=True)
    done = models.PositiveSmallIntegerField(default=0)
    planned = models.PositiveSmallIntegerField(default=0)
    result = models.JSONField(default=dict, blank=True)  # lines, rules, estimate, seconds
    created = models.DateTimeField(db_default=Now())
    ended = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created"]

    def __str__(self) -> str:
        return f"preflight {self.pk}"

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.state not in (self.State.WAITING, self.State.RUNNING)
