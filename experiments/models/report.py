"""Reports and their snapshots."""

import uuid

from django.db import models
from django.db.models.functions import Now

from experiments.models.experiment import Experiment
from experiments.models.fields import person_key
from experiments.models.project import Project
from experiments.models.report_block import Block


class Report(models.Model):
    """A title and blocks in their order. revision counts saves, so that two people can't overwrite."""

    TITLE_LENGTH = 200

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="reports")
    title = models.CharField(max_length=TITLE_LENGTH)
    stored_blocks = models.JSONField(default=list)  # Block.to_dict() of each
    author = person_key()
    saved_by = person_key()
    revision = models.PositiveIntegerField(default=1)
    created = models.DateTimeField(db_default=Now())
    saved = models.DateTimeField(db_default=Now())
    deleted = models.DateTimeField(null=True, blank=True)  # it can be undone for a while

    class Meta:
        ordering = ["-saved", "-pk"]
        indexes = [models.Index(fields=["project", "saved"], name="report_of_project")]

    def __str__(self) -> str:
        return self.title

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(Block.from_dict(each) for each in self.stored_blocks)


class ReportSnapshot(models.Model):
    """An experiment as it stood at a time, for one report; never changed afterwards.

    facts: reports/report_facts.py as JSON. The other parts are gzipped JSON, each the very answer that
    the live address of that name gives: charts draw the one like the other. front is empty where the
    search has one objective. kept: trials with columns, of `total`.
    """

    PARTS = ("history", "curves", "importance", "front")

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="snapshots")
    experiment = models.ForeignKey(
        Experiment, null=True, on_delete=models.SET_NULL, related_name="report_snapshots"
    )
    taken = models.DateTimeField()
    total = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    facts = models.JSONField()
    history = models.BinaryField()
    curves = models.BinaryField()
    importance = models.BinaryField()
    front = models.BinaryField(default=bytes)

    class Meta:
        ordering = ["report", "pk"]

    def __str__(self) -> str:
        return f"Snapshot {self.pk} of {self.report}"
