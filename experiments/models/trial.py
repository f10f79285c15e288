"""Trials, their attempts, and what pruners decided."""

from django.db import models
from django.db.models.functions import Now

from experiments.models.experiment import Experiment, Purpose, SpaceVersion
from experiments.models.fields import NumbersField


class TrialState(models.TextChoices):
    """States of a trial and of an execution (paused: waits at a rung)."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    PRUNED = "pruned"
    STOPPED = "stopped"
    FAILED = "failed"


class FailureKind(models.TextChoices):
    """Why a trial could not go on; each with its policy (`services/trials/failures.py`)."""

    OUT_OF_MEMORY = "out_of_memory"
    NAN = "nan"
    TIMEOUT = "timeout"
    USER_CODE = "user_code"
    DATA = "data"
    KILLED = "killed"
    INFRASTRUCTURE = "infrastructure"


class Trial(models.Model):
    """One configuration under test: what a worker claims.

    `token`, `lease_until` and `worker` are the truth of the current attempt; every write on behalf
    of a running trial is conditional on `token`.
    """

    State = TrialState
    MOVES = {
        State.WAITING: {State.RUNNING, State.STOPPED, State.FAILED},
        State.RUNNING: {
            State.WAITING,
            State.PAUSED,
            State.COMPLETED,
            State.PRUNED,
            State.STOPPED,
            State.FAILED,
        },
        State.PAUSED: {State.WAITING, State.PRUNED, State.STOPPED},
        State.COMPLETED: set(),
        State.PRUNED: set(),
        State.STOPPED: {State.WAITING},
        State.FAILED: {State.WAITING},  # requeued by hand
    }
    # A probe runs a script with its own defaults, to learn its space; a run that joined brought its values.
    PROBE, JOINED = "probe", "joined"
    PUT_IN = ("hand", PROBE, JOINED)
    TERMINAL = (State.COMPLETED, State.PRUNED, State.STOPPED, State.FAILED)
    JUDGED = (State.COMPLETED, State.PRUNED, State.PAUSED)  # the best is the best of these
    SCORED = models.Q(state=State.COMPLETED, score__isnull=False, set_aside="")  # it counts

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="trials")
    number = models.PositiveIntegerField()  # dense, 0-based
    space_version = models.ForeignKey(
        SpaceVersion, on_delete=models.PROTECT, related_name="trials"
    )
    values = NumbersField()
    values_key = models.CharField(max_length=64)  # canonical hash over active values
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    # sampler; what no sampler was asked for: hand, follow-up, import, probe, joined
    origin = models.CharField(max_length=20, default="sampler")
    why = models.CharField(max_length=300, blank=True)  # why this configuration, one sentence
    kind = models.CharField(max_length=12, blank=True)  # initial, explore, exploit, by hand
    predicted = models.FloatField(null=True, blank=True)  # score that its sampler expected
    uncertainty = models.FloatField(null=True, blank=True)  # standard deviation of `predicted`
    saw = models.JSONField(
        default=dict
    )  # what the sampler saw: reports/sampling/sampler_inputs.py
    seed = models.BigIntegerField()
    split_hash = models.CharField(max_length=64)
    environment = models.JSONField(default=dict)  # versions and device, from the child

    repeats = models.ForeignKey(  # the trial of a search that a follow-up runs again
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="repeated_by"
    )

    score = models.FloatField(null=True, blank=True)  # mean over executions
    estimate = models.FloatField(null=True, blank=True)  # the score, smoothed by the models
    # On new rows, of the leading trials when a winner is named: evaluation/expected.py
    expected = models.JSONField(default=dict, blank=True)
    spread = models.FloatField(null=True, blank=True)  # sample standard deviation over executions
    metrics = NumbersField(default=dict)  # {metric: mean at each execution's scored epoch}
    # {metric: {"last", "best"}}, means over executions: services/trials/curve_summaries.py
    epoch_figures = models.JSONField(default=dict, blank=True)
    epochs = models.PositiveIntegerField(default=0)  # over all executions
    seconds = models.FloatField(default=0.0)  # training time over all executions
    parameters = models.BigIntegerField(null=True, blank=True)
    failure_kind = models.CharField(max_length=16, choices=FailureKind.choices, blank=True)
    failure_message = models.CharField(max_length=1000, blank=True)
    traceback = models.TextField(blank=True)

    # Of an imported one: its id, status and whatever has no column here (interop/imported_search.py)
    source = models.JSONField(default=dict, blank=True, editable=False)

    # Why people set it aside: sampler, best trial and winner ignore it. Empty: it counts.
    set_aside = models.CharField(max_length=300, blank=True)

    # {"model", "predictions", "log": why it is gone}: services/site/file_cleanup.py
    dropped = models.JSONField(default=dict, blank=True)

    token = models.UUIDField(null=True, blank=True)
    worker = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    stop_wanted = models.BooleanField(default=False)  # a person asked to stop this trial alone

    created = models.DateTimeField(db_default=Now())
    started = models.DateTimeField(null=True, blank=True)
    ended = models.DateTimeField(null=True, blank=True)
    event_serial = models.BigIntegerField(default=0)  # experiment.event_serial of its last change

    class Meta:
        """By number; the index by score serves the leaderboard at 10,000 trials, that by state counts."""

        ordering = ["experiment", "number"]
        constraints = [
            models.UniqueConstraint(fields=["experiment", "number"], name="trial_number")
        ]
        indexes = [
            models.Index(
                fields=["experiment", "state", "set_aside", "score"], name="trial_that_counts"
            ),
            models.Index(fields=["experiment", "score"], name="trial_by_score"),
            models.Index(fields=["experiment", "event_serial"], name="trial_by_event"),
            models.Index(fields=["state", "lease_until"], name="trial_by_lease"),
        ]

    def __str__(self) -> str:
        return f"Trial {self.number}"

    @property
    def validated(self) -> "Trial | None":
        """The trial whose scores stand for it: of a refit, which nothing validates, the one that it repeats."""
        return self.repeats if self.experiment.purpose == Purpose.REFIT else self


class Attempt(models.Model):
    """One worker's try at a trial: who, when, and how it ended."""

    class Outcome(models.TextChoices):
        """paused: waits at a rung; released: given back (pause, drain); reaped: its lease ran out."""

        COMPLETED = "completed"
        PRUNED = "pruned"
        PAUSED = "paused"
        STOPPED = "stopped"
        RELEASED = "released"
        REAPED = "reaped"
        FAILED = "failed"

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveIntegerField()  # 1-based
    token = models.UUIDField(unique=True)
    worker = models.CharField(max_length=120)
    # Which of several processes of this name, where trials run elsewhere
    instance = models.CharField(max_length=64, blank=True)
    why = models.CharField(max_length=300, blank=True)  # why it began, where it was promoted
    started = models.DateTimeField(db_default=Now())
    ended = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    failure_kind = models.CharField(max_length=16, choices=FailureKind.choices, blank=True)
    message = models.CharField(max_length=1000, blank=True)
    traceback = models.TextField(blank=True)
    progressed = models.BooleanField(default=False)  # stored an execution or a checkpoint
    child_pid = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        """At most one open attempt a trial."""

        ordering = ["trial", "number"]
        constraints = [
            models.UniqueConstraint(fields=["trial", "number"], name="attempt_number"),
            models.UniqueConstraint(
                fields=["trial"], condition=models.Q(ended=None), name="one_open_attempt"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.trial} attempt {self.number}"


class PruningDecision(models.Model):
    """One line of the rung table: a trial's rank at an epoch, and what the pruner did.

    A pruner without rungs leaves a line only where it ends a trial.
    """

    class Action(models.TextChoices):
        """go_on: among the best when it entered the rung; promote: later, from its pause."""

        GO_ON = "go_on"
        PAUSE = "pause"
        PROMOTE = "promote"
        STOP = "stop"

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="decisions")
    epoch = models.PositiveIntegerField()  # of the first execution; 1-based
    action = models.CharField(max_length=10, choices=Action.choices)
    value = models.FloatField(null=True, blank=True)  # the objective there; null: NaN or infinite
    cutoff = models.FloatField(null=True, blank=True)  # null: too few trials had entered
    rank = models.PositiveIntegerField(default=1)  # 1 = best of `n`
    n = models.PositiveIntegerField(default=1)
    bracket = models.PositiveIntegerField(default=0)  # 1-based; 0: there are none
    reason = models.CharField(max_length=300, blank=True)
    created = models.DateTimeField(db_default=Now())

    class Meta:
        """A rung reached again after a crash is decided again; the last row counts."""

        ordering = ["trial", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["trial", "epoch", "action"], name="decision_at_an_epoch"
            )
        ]

    def __str__(self) -> str:
        return f"{self.trial} {self.action} at epoch {self.epoch}"
