"""Projects, their memberships, and unfinished forms."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Role(models.TextChoices):
    """What a member may do; owner > editor > viewer."""

    OWNER = "owner"
    EDITOR = "editor"
    VIEWER = "viewer"

    def covers(self, other: "Role") -> bool:
        """Whether this role may do what `other` may."""
        order = list(Role)
        return order.index(self) <= order.index(other)


class Project(models.Model):
    """A shared place for datasets, models and experiments."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True, max_length=5000)
    archived = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField(db_default=Now())
    revision = models.PositiveIntegerField(default=1)
    members: "models.ManyToManyField[models.Model, Membership]" = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Membership", related_name="projects"
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One person's role in one project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=10, choices=Role.choices)
    created = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="one_membership_a_person")
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.role}"


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
