"""Experiments and their trials."""

from experiments import models
from experiments.admin.records import action, archive, register, rounded
from experiments.services.experiments.lifecycle import (
    archive_experiment,
    pause_experiment,
    stop_experiment,
)
from experiments.services.trials.expired_leases import release_by_hand
from experiments.services.trials.lifecycle import requeue_trial

register(
    models.Experiment,
    list_display=(
        "name",
        "project",
        "purpose",
        "state",
        "sampler",
        "objective",
        "created_by",
        "created",
    ),
    list_filter=("state", "purpose", "sampler", "archived", "created"),
    search_fields=("name", "notes", "code", "project__name", "created_by__username"),
    date_hierarchy="created",
    actions=(
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
    ),
)

register(
    models.SpaceVersion,
    list_display=("experiment", "number", "created", "created_by"),
    search_fields=("experiment__name",),
)

register(
    models.SavedView,
    list_display=("name", "experiment", "owner", "created"),
    search_fields=("name", "experiment__name", "owner__username"),
)

register(
    models.WarmStart,
    list_display=("experiment", "created"),
    search_fields=("experiment__name",),
)

register(
    models.QueuedConfiguration,
    list_display=("experiment", "queued_by", "created", "trial", "withdrawn"),
    search_fields=("experiment__name", "queued_by__username"),
)

register(
    models.Reveal,
    list_display=("experiment", "number", "trial", "revealed_by", "created", "state", "reason"),
    list_filter=("state", "created"),
    search_fields=("experiment__name", "reason", "revealed_by__username"),
)

register(
    models.RevealedRows,
    list_display=("reveal",),
    search_fields=("reveal__experiment__name",),
)

register(
    models.Trial,
    list_display=(
        "number",
        "experiment",
        "state",
        rounded("score"),
        "worker",
        "lease_until",
        "failure_kind",
        "ended",
    ),
    list_filter=("state", "failure_kind", "origin"),
    search_fields=("experiment__name", "worker", "failure_message"),
    ordering=("-pk",),
    actions=(
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
    ),
)

register(
    models.PruningDecision,
    list_display=(
        "trial",
        "trial__experiment",
        "epoch",
        "action",
        rounded("value"),
        rounded("cutoff"),
        "rank",
        "n",
        "created",
    ),
    list_filter=("action",),
    search_fields=("trial__experiment__name", "reason"),
    ordering=("-pk",),
)

register(
    models.Finding,
    list_display=(
        "experiment",
        "kind",
        "subject",
        "raised",
        "cleared",
        "dismissed",
        "dismissed_by",
    ),
    list_filter=("kind",),
    search_fields=("experiment__name", "statement", "reason"),
    ordering=("-pk",),
)

register(
    models.Attempt,
    list_display=(
        "trial",
        "trial__experiment",
        "number",
        "worker",
        "outcome",
        "failure_kind",
        "started",
        "ended",
    ),
    list_filter=("outcome", "failure_kind"),
    search_fields=("worker", "message", "trial__experiment__name"),
    ordering=("-pk",),
)

register(
    models.Execution,
    list_display=(
        "trial",
        "trial__experiment",
        "index",
        "state",
        "epochs",
        rounded("score"),
        "method",
        rounded("seconds"),
        "ended",
    ),
    list_filter=("state", "method", "failure_kind"),
    search_fields=("trial__experiment__name", "device"),
    ordering=("-pk",),
)

register(
    models.Artifact,
    list_display=("trial", "trial__experiment", "kind", "bytes", "sha256", "created"),
    list_filter=("kind",),
    search_fields=("path", "sha256", "trial__experiment__name"),
)
