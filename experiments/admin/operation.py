"""Activity, workers, scripts and access tokens."""

from django.contrib import admin

from experiments import models
from experiments.admin.records import Records, action
from experiments.services.external.tokens import revoke_token


@admin.register(models.Activity)
class ActivityAdmin(Records):
    """Who did what; never edited, never deleted."""

    list_display = ("created", "verb", "text", "user", "project", "experiment")
    list_filter = ("verb", "created")
    search_fields = ("text", "verb", "user__username", "project__name", "experiment__name")
    list_select_related = ("user", "project", "experiment")


@admin.register(models.Worker)
class WorkerAdmin(Records):
    """Processes by their heartbeats."""

    list_display = ("name", "kind", "host", "pid", "heartbeat", "trial", "rss_bytes")
    list_filter = ("kind", "host")
    search_fields = ("name", "host")
    list_select_related = ("trial",)


@admin.register(models.Script)
class ScriptAdmin(Records):
    """KerasTuner scripts by their last call."""

    list_display = ("name", "experiment", "host", "waits", "first", "seen")
    list_filter = ("waits", "seen")
    search_fields = ("name", "host", "experiment__name")
    list_select_related = ("experiment",)


@admin.register(models.AccessToken)
class AccessTokenAdmin(Records):
    """Tokens, without their text: only a digest is stored."""

    list_display = (
        "name",
        "start",
        "person",
        "project",
        "experiment",
        "used",
        "expires",
        "revoked",
    )
    list_filter = ("revoked", "expires")
    search_fields = ("name", "start", "person__username", "project__name")
    list_select_related = ("person", "project", "experiment")
    exclude = ("digest",)
    actions = (
        action(
            "revoke",
            "Revoke",
            "Scripts that use these tokens are rejected.",
            revoke_token,
        ),
    )
