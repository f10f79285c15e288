"""Datasets and their versions; a version never changes once it is ready."""

from django.db import models
from django.db.models.functions import Now

from experiments.models.fields import person_key
from experiments.models.project import Project


class Dataset(models.Model):
    """Registered data. `project` is empty for the built-in sets that everybody may use."""

    ELSEWHERE = "elsewhere"  # `built_in` of the one that stands for the data of imported searches

    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.CASCADE, related_name="datasets"
    )
    slug = models.SlugField(max_length=80)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True, max_length=5000)
    licence = models.CharField(max_length=200, blank=True)
    built_in = models.CharField(max_length=40, blank=True)  # key of the loader, else an upload
    archived = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField(db_default=Now())
    created_by = person_key()

    class Meta:
        """Slugs are unique in a project, and among the built-in datasets."""

        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["project", "slug"], name="dataset_slug_in_project"),
            models.UniqueConstraint(
                fields=["slug"], condition=models.Q(project=None), name="built_in_dataset_slug"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DatasetVersion(models.Model):
    """Prepared arrays under `DATA_DIR/datasets/<digest>/`, described by `schema`.

    `schema` is the child's `schema.json` too: see `experiments/data_schema.py`.
    """

    class State(models.TextChoices):
        """uploaded: waits for a target choice; preparing: a background job runs; ready; failed."""

        UPLOADED = "uploaded"
        PREPARING = "preparing"
        READY = "ready"
        FAILED = "failed"

    MOVES = {
        State.UPLOADED: {State.PREPARING, State.FAILED},
        State.PREPARING: {State.UPLOADED, State.READY, State.FAILED},
        State.READY: set(),
        State.FAILED: {State.PREPARING},
    }

    class Task(models.TextChoices):
        """What the target is."""

        CLASSIFICATION = "classification"
        REGRESSION = "regression"

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.PREPARING)
    digest = models.CharField(max_length=64, blank=True)  # SHA-256 of the prepared content
    task = models.CharField(max_length=16, choices=Task.choices, blank=True)
    target = models.CharField(max_length=200, blank=True)
    rows = models.PositiveIntegerField(default=0)  # without the dataset's own test set
    test_rows = models.PositiveIntegerField(default=0)  # the dataset's own test set
    schema = models.JSONField(default=dict)
    profile = models.JSONField(
        default=dict
    )  # class counts, column profiles, preview rows, warnings
    source_name = models.CharField(max_length=300, blank=True)  # the uploaded file's own name
    source_path = models.CharField(max_length=300, blank=True)  # relative to DATA_DIR
    source_bytes = models.BigIntegerField(default=0)
    error = models.TextField(blank=True)
    created = models.DateTimeField(db_default=Now())
    created_by = person_key()

    class Meta:
        ordering = ["dataset", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "number"], name="dataset_version_number")
        ]

    def __str__(self) -> str:
        return f"{self.dataset} v{self.number}"
