"""Reveals of the test score, and the ledger of the rows that they showed."""

import numpy as np
from django.db import models
from django.db.models.functions import Now

from experiments.evaluation.announced_range import AnnouncedRange
from experiments.evaluation.row_content import Content
from experiments.models.experiment import Experiment
from experiments.models.fields import person_key
from experiments.models.trial import Trial
from experiments.number_words import figures


class Reveal(models.Model):
    """One reveal of the test score. Nothing changes or deletes it: the count is final.

    number: which reveal of these rows it is: one more than the earlier ones in the project that showed
    any of them, of whatever experiment. announced: an evaluation.AnnouncedRange as a dict, what
    was expected when the reveal was requested; empty where nothing could be. scores: {metric: value over
    the test rows}, the mean of the scored models; `each` has the values of every one of them.
    intervals: {metric: 95 % interval of the score}. baselines: what others score on the same rows:
    name, and scores and intervals, or why there are none. rows: of the locked test set.
    """

    class State(models.TextChoices):
        """waiting: until a worker has scored the models."""

        WAITING = "waiting"
        READY = "ready"
        FAILED = "failed"

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="reveals")
    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="reveals")
    number = models.PositiveIntegerField()  # 1-based
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    scores = models.JSONField(default=dict)
    each = models.JSONField(default=list)
    announced = models.JSONField(default=dict)
    intervals = models.JSONField(default=dict)
    baselines = models.JSONField(default=list)
    rows = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=1000, blank=True)  # why it failed
    created = models.DateTimeField(db_default=Now())
    revealed_by = person_key()

    class Meta:
        ordering = ["experiment", "number"]
        constraints = [
            models.UniqueConstraint(fields=["experiment", "number"], name="reveal_number")
        ]

    def __str__(self) -> str:
        return f"Reveal {self.number} of {self.experiment}"

    @property
    def person(self) -> str:
        """Who revealed it."""
        return self.revealed_by.get_username() if self.revealed_by else "a former member"

    @property
    def announced_range(self) -> AnnouncedRange | None:
        """What was expected before the score was known; None where nothing could be."""
        return AnnouncedRange.from_dict(self.announced)

    @property
    def range_words(self) -> str:
        """Whether the score lies in the announced range, as a sentence; empty before the score."""
        said = self.announced_range
        if said is None or said.metric not in self.scores:
            return "No range was announced before." if self.scores else ""
        score = self.scores[said.metric]
        where = "inside" if said.holds(score) else "outside"
        return (
            f"{said.metric} {figures(score)} is {where} the range announced before: "
            f"{figures(said.low)} to {figures(said.high)}."
        )


class RevealedRows(models.Model):
    """The rows that a reveal showed: a 64-bit content digest of each, sorted, little-endian."""

    reveal = models.OneToOneField(
        Reveal, on_delete=models.CASCADE, primary_key=True, related_name="shown"
    )
    digests = models.BinaryField()

    def __str__(self) -> str:
        return f"Rows of reveal {self.reveal_id}"

    @staticmethod
    def packed(content: Content) -> bytes:
        """As `digests` holds them."""
        return np.sort(content).astype("<u8").tobytes()

    @property
    def content(self) -> Content:
        """The digest of each row."""
        return np.frombuffer(self.digests, dtype="<u8").astype(np.uint64)
