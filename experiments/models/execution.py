"""Executions: one training run each, of one fold or round and one repeat; the files that trials store."""

from django.db import models
from django.db.models.functions import Now

from experiments.models.trial import FailureKind, Trial, TrialState


class Execution(models.Model):
    """`history` is {metric: [value of epoch 1, …]}, each list `epochs` long; null marks a diverged value."""

    State = TrialState

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="executions")
    index = models.PositiveIntegerField()  # order inside the trial, 0-based
    part = models.PositiveIntegerField()  # arrays of the split (fold)
    repeat = models.PositiveIntegerField()
    seed = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    epochs = models.PositiveIntegerField(default=0)
    history = models.JSONField(default=dict)
    epoch_seconds = models.JSONField(default=list, blank=True)  # how long each epoch took
    # Of the machine, over at most 120 stretches of its training: tuner/resource_usage.py.
    usage = models.JSONField(default=dict, blank=True)
    metrics = models.JSONField(default=dict)  # of the epochs' ones: at the scored epoch
    # Of the best epoch's predictions, by scikit-learn: evaluation/final_metrics.py.
    exact = models.JSONField(default=dict, blank=True)
    best_epoch = models.PositiveIntegerField(null=True, blank=True)
    score = models.FloatField(null=True, blank=True)
    failure_kind = models.CharField(max_length=16, choices=FailureKind.choices, blank=True)
    log = models.TextField(blank=True)  # head and tail, capped
    device = models.CharField(max_length=60, blank=True)
    method = models.CharField(max_length=10, blank=True)  # fused or fit
    method_reason = models.CharField(max_length=300, blank=True)  # why not fused
    checkpoint_path = models.CharField(max_length=300, blank=True)  # relative to DATA_DIR
    checkpoint_epoch = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0.0)
    started = models.DateTimeField(null=True, blank=True)
    ended = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["trial", "index"]
        constraints = [models.UniqueConstraint(fields=["trial", "index"], name="execution_index")]

    def __str__(self) -> str:
        return f"{self.trial} execution {self.index}"


class Artifact(models.Model):
    """A file below DATA_DIR; the row is written only after the file lies whole."""

    class Kind(models.TextChoices):
        """What the file holds."""

        MODEL = "model"
        PREDICTIONS = "predictions"  # of an execution's validation rows
        BUNDLE = "bundle"

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="artifacts")
    execution = models.ForeignKey(
        Execution, null=True, blank=True, on_delete=models.CASCADE, related_name="artifacts"
    )
    kind = models.CharField(max_length=12, choices=Kind.choices)
    path = models.CharField(max_length=300, unique=True)  # relative to DATA_DIR
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    formats = models.JSONField(default=dict, blank=True)  # of a bundle: name → bytes or why not
    self_test = models.JSONField(default=dict, blank=True)  # of a bundle: what it said last
    created = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-created"]

    def __str__(self) -> str:
        return f"{self.kind} of {self.trial}"
