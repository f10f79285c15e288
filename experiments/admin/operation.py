"""Room: admin. Who did what, and which processes live."""

from django.contrib import admin

from experiments import models
from experiments.admin.records import Records


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
