"""Hypermodels: recipes that build a compiled Keras model from values, and their versions."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from experiments.models.project import Project


class HyperModel(models.Model):
    """A named recipe of a project: a template of the catalog, or a layer list."""

    class Kind(models.TextChoices):
        """Where the recipe comes from."""

        TEMPLATE = "template"
        LAYERS = "layers"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="hypermodels")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    slug = models.CharField(max_length=60)  # the catalog's slug; `layers` for a layer list
    created = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        """A name is one recipe in a project."""

        verbose_name = "hypermodel"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="hypermodel_name_in_project")
        ]

    def __str__(self) -> str:
        return self.name


class HyperModelVersion(models.Model):
    """An unchanging state of a recipe, by digest."""

    hypermodel = models.ForeignKey(HyperModel, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    layers = models.JSONField(default=list)  # empty for templates
    digest = models.CharField(max_length=64)
    created = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        """Numbers count from 1; equal recipes are one version."""

        verbose_name = "hypermodel version"
        ordering = ["hypermodel", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["hypermodel", "number"], name="hypermodel_version_number"
            ),
            models.UniqueConstraint(
                fields=["hypermodel", "digest"], name="hypermodel_version_digest"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hypermodel} v{self.number}"
