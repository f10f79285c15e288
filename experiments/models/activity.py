"""The activity log: who did what, when. Rows are only ever added."""

from django.db import models
from django.db.models.functions import Now

from experiments.models.experiment import Experiment
from experiments.models.fields import person_key
from experiments.models.project import Project
from experiments.models.trial import Trial


class Activity(models.Model):
    """One act of a person, or of the system when `user` is empty."""

    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.CASCADE, related_name="activities"
    )
    experiment = models.ForeignKey(
        Experiment, null=True, blank=True, on_delete=models.CASCADE, related_name="activities"
    )
    trial = models.ForeignKey(
        Trial, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    user = person_key()
    verb = models.CharField(max_length=60)  # dotted: experiment.started, trial.completed, …
    text = models.CharField(max_length=500)  # the sentence that pages show
    detail = models.JSONField(default=dict)
    created = models.DateTimeField(db_default=Now())

    class Meta:
        """Newest first; feeds ask by experiment or project after a key."""

        ordering = ["-pk"]
        verbose_name_plural = "activities"
        indexes = [
            models.Index(fields=["experiment", "id"], name="activity_of_experiment"),
            models.Index(fields=["project", "id"], name="activity_of_project"),
        ]

    def __str__(self) -> str:
        return self.text
