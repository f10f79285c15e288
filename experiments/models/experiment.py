"""Experiments: one search each, with versioned spaces and its warm start."""

import uuid
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from experiments.catalog.code import locks_own_test
from experiments.evaluation.protocol import Protocol
from experiments.evaluation.score_rules import score_rule_words
from experiments.external_plan import ExternalPlan
from experiments.models.dataset import DatasetVersion
from experiments.models.fields import NumbersField, Planned, person_key
from experiments.models.hypermodel import HyperModelVersion
from experiments.models.project import Project
from experiments.models.training_data import TrainingData, training_data
from experiments.plan import ExperimentPlan
from experiments.search.budget import Budget
from experiments.search.declarations import stored_part
from experiments.search.history import Objective
from experiments.training.fit import Fit


class Purpose(models.TextChoices):
    """What an experiment is for: a search of its own, or a run that follows from one."""

    SEARCH = "search"
    BASELINE = "baseline"  # a simple model that the search has to beat
    CONFIRMATION = "confirmation"  # its best trials again with fresh seeds and parts
    REFIT = "refit"  # one trial on all but the locked test rows
    AGAIN = "again"  # one trial with the same seeds, to compare epoch by epoch


class Place(models.TextChoices):
    """Where an experiment's trials run: with this site's workers, or in scripts that ask for them."""

    HERE = "here"
    ELSEWHERE = "elsewhere"


class Experiment(models.Model):
    """Space + sampler + pruner + protocol + budget + seed over one dataset version and one hypermodel."""

    class State(models.TextChoices):
        """draft → queued → running → completed, with pauses and stops that act at an epoch's end.

        imported: it ran elsewhere; it can be read, compared and used for warm starts, and never runs here.
        """

        DRAFT = "draft"
        QUEUED = "queued"
        RUNNING = "running"
        PAUSING = "pausing"
        PAUSED = "paused"
        STOPPING = "stopping"
        STOPPED = "stopped"
        COMPLETED = "completed"
        FAILED = "failed"
        IMPORTED = "imported"

    MOVES = {
        State.DRAFT: {State.QUEUED},
        State.QUEUED: {State.RUNNING, State.PAUSING, State.STOPPING},
        State.RUNNING: {State.PAUSING, State.STOPPING, State.COMPLETED, State.FAILED},
        State.PAUSING: {State.PAUSED, State.QUEUED, State.STOPPING, State.COMPLETED, State.FAILED},
        State.PAUSED: {State.QUEUED, State.STOPPING},
        State.STOPPING: {State.STOPPED},
        State.STOPPED: {State.QUEUED},
        State.COMPLETED: {State.QUEUED},  # a raised budget goes on
        State.FAILED: {State.QUEUED},
        State.IMPORTED: set(),
    }
    ACTIVE = (State.QUEUED, State.RUNNING, State.PAUSING, State.STOPPING)
    ENDED = (State.STOPPED, State.COMPLETED, State.FAILED)  # a raised budget goes on
    TURNING = (State.QUEUED, State.RUNNING)  # turns may take new trials

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="experiments")
    name = models.CharField(max_length=120)
    notes = models.TextField(blank=True, max_length=20_000)
    tags = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    state_reason = models.CharField(max_length=500, blank=True)  # why it ended, in plain words
    # Why the site itself paused it: the file below DATA_DIR that must be whole again
    changed_file = models.CharField(max_length=300, blank=True, editable=False)
    state_traceback = models.TextField(blank=True)  # of code that failed the search
    revision = models.PositiveIntegerField(default=1)  # counts edits of name, notes, tags, budget

    # Of an imported search both stand for what stayed where it ran: services/imports/searches.py
    dataset_version = models.ForeignKey(
        DatasetVersion, on_delete=models.PROTECT, related_name="experiments"
    )
    hypermodel_version = models.ForeignKey(
        HyperModelVersion, on_delete=models.PROTECT, related_name="experiments"
    )
    place = models.CharField(
        max_length=10, choices=Place.choices, default=Place.HERE, editable=False
    )
    # What an imported search was read from: interop/imported_search.py; empty of our own
    source = models.JSONField(default=dict, blank=True, editable=False)
    # A slug of the registry, or search/strategies/custom.py
    sampler = models.CharField(max_length=64)
    pruner = models.CharField(max_length=64, default="none")
    split_hash = models.CharField(max_length=64)
    # evaluation.SplitFacts.to_dict(); empty of experiments older than it
    split_facts = models.JSONField(default=dict, blank=True)
    # Of code that provides rows: training.code_messages.DataSeen of its newest trial
    data_seen = models.JSONField(default=dict, blank=True, editable=False)
    objective = models.CharField(max_length=60)  # the plan's is "" until scripts report a metric
    direction = models.CharField(max_length=8)  # minimize or maximize
    # The whole plan with every edit; of a follow-up its search's with what differs.
    # The columns above repeat what SQL filters, sorts or groups by.
    plan = models.JSONField(default=dict)
    sampler_options = Planned[dict[str, Any]](ExperimentPlan)
    pruner_options = Planned[dict[str, Any]](ExperimentPlan)
    expression = Planned[str](ExperimentPlan)  # what the objective "custom" is
    score_rule = Planned[str](ExperimentPlan)  # best, last, mean:n (epochs)
    metrics = Planned[list[str]](ExperimentPlan)
    seed = Planned[int](ExperimentPlan)
    # Without a message for so long, a script loses its trial
    silence_seconds = Planned[int](ExternalPlan)

    # Of the plan's budget, as they are now: SQL compares and adds them
    max_trials = models.PositiveIntegerField()
    parallel = models.PositiveIntegerField(default=1)
    seconds_used = models.FloatField(default=0.0)  # of earlier running periods
    turn_serial = models.PositiveIntegerField(default=0)  # last serial of a turn's job id

    best_trial = models.ForeignKey(
        "Trial", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # The winner and its reason; empty until tuner/winner.py has recommended one.
    recommended_trial = models.ForeignKey(
        "Trial", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    winner = models.JSONField(default=dict, blank=True)
    # What a pasted script printed after its search: `state` (waiting or done), `printed`, `problem`, `line`
    script_output = models.JSONField(default=dict, blank=True)
    # The last look for findings: trials, space version, outcome of each kind (services/experiments/findings.py)
    looked = models.JSONField(default=dict, blank=True)
    # Rises with every change that a page may show
    event_serial = models.BigIntegerField(default=0)
    cloned_from = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="clones"
    )
    purpose = models.CharField(
        max_length=12, choices=Purpose.choices, default=Purpose.SEARCH, editable=False
    )
    follows = models.ForeignKey(  # the search that this run follows from
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="follow_ups"
    )
    archived = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField(db_default=Now())
    created_by = person_key()
    started = models.DateTimeField(null=True, blank=True)  # of the first running period
    resumed = models.DateTimeField(null=True, blank=True)  # of the current running period
    ended = models.DateTimeField(null=True, blank=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-created", "-pk"]
        indexes = [models.Index(fields=["project", "state"], name="experiment_by_state")]

    def __str__(self) -> str:
        return self.name

    @property
    def budget(self) -> Budget:
        """The plan's budget; runs without their own plan have the defaults."""
        found = stored_part(Budget, {"max_trials": 1, **self.plan.get("budget", {})})
        return replace(found, max_trials=self.max_trials, parallel=self.parallel)

    @property
    def protocol(self) -> Protocol:
        """The plan's protocol; of an external search a single mean of what its script does."""
        return Protocol.from_dict(self.plan.get("protocol", {}))

    @property
    def locks_own_test(self) -> bool:
        """Whether the dataset's own test part is the locked test set, and no script reads it."""
        return locks_own_test(self.protocol, self.hypermodel_version.layers)

    @property
    def fit(self) -> Fit:
        """The plan's fit."""
        return stored_part(Fit, self.plan.get("fit", {}))

    @property
    def is_imported(self) -> bool:
        """Whether it ran elsewhere."""
        return self.state == self.State.IMPORTED

    @property
    def runs_elsewhere(self) -> bool:
        """Whether scripts ask for its trials: no worker of this site takes one."""
        return self.place == Place.ELSEWHERE

    @property
    def is_elsewhere(self) -> bool:
        """Whether its data and model are elsewhere: imported, or run by scripts."""
        return self.is_imported or self.runs_elsewhere

    @property
    def training_data(self) -> TrainingData:
        """What its trials trained on, as every page says it."""
        return training_data(self.dataset_version, self.hypermodel_version.layers, self.data_seen)

    @property
    def known_split(self) -> dict[str, Any]:
        """`split_facts` of rows that it trained on; empty where its code has others, or none are known."""
        known: dict[str, Any] = self.split_facts
        return {} if self.training_data.is_form is False else known

    @property
    def lease_seconds(self) -> float:
        """How long a trial stays claimed without a message of its worker or script."""
        return float(self.silence_seconds if self.runs_elsewhere else settings.LEASE_SECONDS)

    @property
    def further(self) -> tuple[Objective, ...]:
        """The objectives beside the main one."""
        return tuple(Objective(**each) for each in self.plan.get("more_objectives", ()))

    @property
    def objective_words(self) -> str:
        """The objective, with the expression of a custom one."""
        return f"{self.objective}: {self.expression}" if self.expression else self.objective

    @property
    def score_words(self) -> str:
        """Which epochs of each curve count, as it follows "from the"."""
        return score_rule_words(self.score_rule)


class SpaceVersion(models.Model):
    """The space and the sampler as they stood at a time; a trial names the version it was drawn from.

    counted_as: values of hyperparameters added later, for the trials before.
    """

    experiment = models.ForeignKey(
        Experiment, on_delete=models.CASCADE, related_name="space_versions"
    )
    number = models.PositiveIntegerField()
    space = NumbersField()  # search.space.Space.to_dict()
    counted_as = models.JSONField(default=dict, blank=True)
    # A slug of the registry, or search/strategies/custom.py
    sampler = models.CharField(max_length=64)
    sampler_options = models.JSONField(default=dict, blank=True)
    created = models.DateTimeField(db_default=Now())
    created_by = person_key()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["experiment", "number"], name="space_version_number")
        ]

    def __str__(self) -> str:
        return f"{self.experiment} space {self.number}"


class WarmStart(models.Model):
    """Frozen, so that every suggestion follows from the record whatever becomes of the sources.

    studies: `reports/warm_start.py` reads them. by_hand: configurations that people put in.
    portfolio: chosen from the studies by the first turn; null before that.
    """

    experiment = models.OneToOneField(
        Experiment, on_delete=models.CASCADE, related_name="warm_start"
    )
    studies = models.JSONField(default=list)
    by_hand = models.JSONField(default=list)
    portfolio = models.JSONField(null=True, blank=True)
    created = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"warm start of {self.experiment}"
