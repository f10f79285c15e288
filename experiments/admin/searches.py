"""Experiments and their trials."""

from django.contrib import admin

from experiments import models
from experiments.admin.records import Records, action, archive, rounded
from experiments.services.experiments.lifecycle import (
    archive_experiment,
    pause_experiment,
    stop_experiment,
)
from experiments.services.trials.expired_leases import release_by_hand
from experiments.services.trials.lifecycle import requeue_trial


@admin.register(models.Experiment)
class ExperimentAdmin(Records):
    """Searches."""

    list_display = (
        "name",
        "project",
        "purpose",
        "state",
        "sampler",
        "objective",
        "created_by",
        "created",
    )
    list_filter = ("state", "purpose", "sampler", "archived", "created")
    search_fields = ("name", "notes", "code", "project__name", "created_by__username")
    list_select_related = ("project", "created_by")
    date_hierarchy = "created"
    actions = (
        action(
            "pause",
            "Pause selected experiments",
            "Running trials write a checkpoint at their next epoch and wait.",
            pause_experiment,
        ),
        action(
            "stop",
            "Stop selected experiments",
            "Running trials end at their next epoch; finished ones stay.",
            stop_experiment,
        ),
        archive("experiments", archive_experiment),
    )


@admin.register(models.SpaceVersion)
class SpaceVersionAdmin(Records):
    """Versions of search spaces."""

    list_display = ("experiment", "number", "created", "created_by")
    search_fields = ("experiment__name",)
    list_select_related = ("experiment", "created_by")


@admin.register(models.SavedView)
class SavedViewAdmin(Records):
    """Named views of trials."""

    list_display = ("name", "experiment", "owner", "created")
    search_fields = ("name", "experiment__name", "owner__username")
    list_select_related = ("experiment", "owner")


@admin.register(models.WarmStart)
class WarmStartAdmin(Records):
    """Warm starts of searches."""

    list_display = ("experiment", "created")
    search_fields = ("experiment__name",)
    list_select_related = ("experiment",)


@admin.register(models.QueuedConfiguration)
class QueuedConfigurationAdmin(Records):
    """Configurations that people queued."""

    list_display = ("experiment", "queued_by", "created", "trial", "withdrawn")
    search_fields = ("experiment__name", "queued_by__username")
    list_select_related = ("experiment", "queued_by", "trial")


@admin.register(models.Reveal)
class RevealAdmin(Records):
    """Reveals of test scores."""

    list_display = ("experiment", "number", "trial", "revealed_by", "created", "state", "reason")
    list_filter = ("state", "created")
    search_fields = ("experiment__name", "reason", "revealed_by__username")
    list_select_related = ("experiment", "trial", "revealed_by")


@admin.register(models.Trial)
class TrialAdmin(Records):
    """Trials."""

    list_display = (
        "number",
        "experiment",
        "state",
        rounded("score"),
        "worker",
        "lease_until",
        "failure_kind",
        "ended",
    )
    list_filter = ("state", "failure_kind", "origin")
    search_fields = ("experiment__name", "worker", "failure_message")
    list_select_related = ("experiment",)
    ordering = ("-pk",)
    actions = (
        action(
            "release",
            "Release the lease: another worker runs the trial",
            "Each trial is taken from its worker, whose further writes are rejected, and queued again.",
            release_by_hand,
        ),
        action(
            "requeue",
            "Requeue: try failed or stopped trials again",
            "Each trial is queued again; an experiment that has ended continues.",
            requeue_trial,
        ),
    )


@admin.register(models.PruningDecision)
class PruningDecisionAdmin(Records):
    """Decisions of pruners."""

    list_display = (
        "trial",
        "trial__experiment",
        "epoch",
        "action",
        rounded("value"),
        rounded("cutoff"),
        "rank",
        "n",
        "created",
    )
    list_filter = ("action",)
    search_fields = ("trial__experiment__name", "reason")
    list_select_related = ("trial__experiment",)
    ordering = ("-pk",)


@admin.register(models.Finding)
class FindingAdmin(Records):
    """Findings about searches."""

    list_display = (
        "experiment",
        "kind",
        "subject",
        "raised",
        "cleared",
        "dismissed",
        "dismissed_by",
    )
    list_filter = ("kind",)
    search_fields = ("experiment__name", "statement", "reason")
    list_select_related = ("experiment", "dismissed_by")
    ordering = ("-pk",)


@admin.register(models.Attempt)
class AttemptAdmin(Records):
    """Attempts at trials."""

    list_display = (
        "trial",
        "trial__experiment",
        "number",
        "worker",
        "outcome",
        "failure_kind",
        "started",
        "ended",
    )
    list_filter = ("outcome", "failure_kind")
    search_fields = ("worker", "message", "trial__experiment__name")
    list_select_related = ("trial__experiment",)
    ordering = ("-pk",)


@admin.register(models.Execution)
class ExecutionAdmin(Records):
    """Single training runs."""

    list_display = (
        "trial",
        "trial__experiment",
        "index",
        "state",
        "epochs",
        rounded("score"),
        "method",
        rounded("seconds"),
        "ended",
    )
    list_filter = ("state", "method", "failure_kind")
    search_fields = ("trial__experiment__name", "device")
    list_select_related = ("trial__experiment",)
    ordering = ("-pk",)


@admin.register(models.Artifact)
class ArtifactAdmin(Records):
    """Stored files."""

    list_display = ("trial", "trial__experiment", "kind", "bytes", "sha256", "created")
    list_filter = ("kind",)
    search_fields = ("path", "sha256", "trial__experiment__name")
    list_select_related = ("trial__experiment",)
