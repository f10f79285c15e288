"""HyperModels and custom code of a project, in versions."""

from django.db import models
from django.db.models.functions import Now

from experiments.models.fields import person_key
from experiments.models.project import Project


class HyperModel(models.Model):
    """A named model of a project: a template of the catalog, a layer list, or custom code.

    Code may be a sampler, a pruner or a tuner as well: versions, authors and rights are the same.
    """

    class Kind(models.TextChoices):
        """elsewhere: of imported searches, whose models stayed there."""

        TEMPLATE = "template"
        LAYERS = "layers"
        CODE = "code"
        ELSEWHERE = "elsewhere"
        SAMPLER = "sampler"
        PRUNER = "pruner"
        TUNER = "tuner"

    STRATEGIES = (Kind.SAMPLER, Kind.PRUNER, Kind.TUNER)
    WRITTEN = (Kind.CODE, *STRATEGIES)  # what people write on the Code page

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="hypermodels")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    slug = models.CharField(max_length=60)  # the catalog's slug; `layers` for a layer list
    created = models.DateTimeField(db_default=Now())
    created_by = person_key()

    class Meta:
        """Only superusers grant the permission."""

        permissions = [("add_code", "May add code")]
        verbose_name = "hypermodel"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="hypermodel_name_in_project")
        ]

    def __str__(self) -> str:
        return self.name


class HyperModelVersion(models.Model):
    """An immutable version, by digest.

    source: the code as written. reading: what running it in the sandbox said of its space:
    `state` (waiting, read or failed) and then `rows`, `names`, `entry`, `notes`, or `problem`, `line`.
    checks: results of the checks of its parts: `state` (waiting or done), `parts`, `problem`, `line`.
    origin: of what was fetched: `address`, `revision`, `path`, `commit` and `files`, its neighbours.
    """

    hypermodel = models.ForeignKey(HyperModel, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    layers = models.JSONField(
        default=list
    )  # empty for templates; code's one entry once it is read
    source = models.TextField(blank=True)
    reading = models.JSONField(default=dict)
    checks = models.JSONField(default=dict)
    origin = models.JSONField(default=dict, blank=True)
    note = models.CharField(max_length=200, blank=True)  # the author's note on the change
    digest = models.CharField(max_length=64)
    created = models.DateTimeField(db_default=Now())
    created_by = person_key()

    class Meta:
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
