"""Room: admin. Every record, to look at, to search, and to act on safely by the services.

Nothing is typed in here and nothing is deleted: records are written by services alone, and the
activity log can't be edited by anybody. People and their rights are Django's own pages.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from experiments import models
from experiments.services.datasets import archive_dataset
from experiments.services.experiments import (
    archive_experiment,
    pause_experiment,
    stop_experiment,
)
from experiments.services.moves import NotAllowed
from experiments.services.projects import archive_project
from experiments.services.stale import release_by_hand
from experiments.services.trials import requeue_trial

if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[Any]
else:
    _Admin = admin.ModelAdmin  # not subscriptable while it runs

Action = Callable[[Any, HttpRequest, QuerySet[Any]], HttpResponse | None]
CONFIRMED = "confirmed"
NAMED = 20  # rows that the question lists by name

admin.site.site_header = "Tuning Site administration"
admin.site.site_title = "Tuning Site"
admin.site.index_title = "Records"


class Records(_Admin):
    """A read-only list; its actions are for superusers and call a service for each row."""

    list_per_page = 50
    show_full_result_count = False
    view_on_site = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: records are made by the product."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: records are changed by services."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: nothing is deleted by hand."""
        return False

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Superusers alone see the actions that are marked with `permissions=["act"]`."""
        return bool(request.user.is_active and request.user.is_superuser)


def action(name: str, words: str, effect: str, act: Callable[..., object]) -> Action:
    """An action that asks before it acts, then tells how many it was done to and why not the others.

    words: what it is called in the list; effect: what it does, said in the question.
    act: a service, called with each row and `by`; False or NotAllowed: it was not done.
    """

    def run(page: Any, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        if CONFIRMED in request.POST:
            done = sum(_did(page, request, row, act) for row in rows)
            page.message_user(request, f"{done} done.")
            return None
        context = {
            **admin.site.each_context(request),
            "title": words,
            "effect": effect,
            "opts": page.model._meta,
            "rows": rows,
            "named": rows[:NAMED],
            "action": name,
            "checkbox": ACTION_CHECKBOX_NAME,
            "confirmed": CONFIRMED,
        }
        return TemplateResponse(request, "admin/confirm_action.html", context)

    run.__name__ = name
    return admin.action(run, description=words, permissions=["act"])


def _did(page: Any, request: HttpRequest, row: Any, act: Callable[..., object]) -> bool:
    try:
        refused = act(row, by=request.user) is False
    except NotAllowed as error:
        page.message_user(request, f"{row}: {error}", messages.WARNING)
        return False
    if refused:
        page.message_user(request, f"{row}: nothing to do.", messages.WARNING)
    return not refused


def archive(plural: str, service: Callable[..., object]) -> Action:
    """The action that puts rows out of the lists."""
    effect = "They leave the lists. Nothing is deleted, and their addresses go on working."
    return action("archive", f"Archive the chosen {plural}", effect, service)


@admin.register(models.Project)
class ProjectAdmin(Records):
    """Projects."""

    list_display = ("name", "slug", "created", "archived")
    list_filter = ("archived",)
    search_fields = ("name", "slug", "description")
    actions = (archive("projects", archive_project),)


@admin.register(models.Membership)
class MembershipAdmin(Records):
    """Who is in which project."""

    list_display = ("project", "user", "role", "created")
    list_filter = ("role",)
    search_fields = ("project__name", "user__username")
    list_select_related = ("project", "user")


@admin.register(models.Dataset)
class DatasetAdmin(Records):
    """Data sets."""

    list_display = ("name", "project", "built_in", "created", "archived")
    list_filter = ("built_in", "archived")
    search_fields = ("name", "slug", "description", "project__name")
    list_select_related = ("project",)
    actions = (archive("data sets", archive_dataset),)


@admin.register(models.DatasetVersion)
class DatasetVersionAdmin(Records):
    """Versions of data sets."""

    list_display = ("dataset", "number", "state", "task", "rows", "test_rows", "created")
    list_filter = ("state", "task")
    search_fields = ("dataset__name", "digest", "source_name")
    list_select_related = ("dataset",)


@admin.register(models.HyperModel)
class HyperModelAdmin(Records):
    """Recipes of models."""

    list_display = ("name", "kind", "slug", "project", "created")
    list_filter = ("kind",)
    search_fields = ("name", "slug", "project__name")
    list_select_related = ("project",)


@admin.register(models.HyperModelVersion)
class HyperModelVersionAdmin(Records):
    """Versions of recipes."""

    list_display = ("hypermodel", "number", "digest", "created")
    search_fields = ("hypermodel__name", "digest")
    list_select_related = ("hypermodel",)


@admin.register(models.Experiment)
class ExperimentAdmin(Records):
    """Searches."""

    list_display = ("name", "project", "state", "sampler", "objective", "created_by", "created")
    list_filter = ("state", "sampler", "archived", "created")
    search_fields = ("name", "notes", "code", "project__name", "created_by__username")
    list_select_related = ("project", "created_by")
    date_hierarchy = "created"
    actions = (
        action(
            "pause",
            "Pause the chosen experiments",
            "Running trials write a checkpoint at their next epoch and wait.",
            pause_experiment,
        ),
        action(
            "stop",
            "Stop the chosen experiments",
            "Running trials end at their next epoch; finished ones stay.",
            stop_experiment,
        ),
        archive("experiments", archive_experiment),
    )


@admin.register(models.SpaceVersion)
class SpaceVersionAdmin(Records):
    """Spaces as they stood."""

    list_display = ("experiment", "number", "created", "created_by")
    search_fields = ("experiment__name",)
    list_select_related = ("experiment", "created_by")


@admin.register(models.Trial)
class TrialAdmin(Records):
    """Trials, with what administrators may do to one."""

    list_display = (
        "number",
        "experiment",
        "state",
        "score",
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
            "Release the lease: another worker takes it",
            "Each is taken from its worker, which may write nothing more, and waits for another.",
            release_by_hand,
        ),
        action(
            "requeue",
            "Requeue: try failed or stopped trials again",
            "Each waits for a worker again; an experiment that had ended goes on.",
            requeue_trial,
        ),
    )


@admin.register(models.Attempt)
class AttemptAdmin(Records):
    """Who took a trial, and how it ended."""

    list_display = ("trial", "number", "worker", "outcome", "failure_kind", "started", "ended")
    list_filter = ("outcome", "failure_kind")
    search_fields = ("worker", "message", "trial__experiment__name")
    list_select_related = ("trial",)
    ordering = ("-pk",)


@admin.register(models.Execution)
class ExecutionAdmin(Records):
    """Single training runs."""

    list_display = ("trial", "index", "state", "epochs", "score", "method", "seconds", "ended")
    list_filter = ("state", "method", "failure_kind")
    search_fields = ("trial__experiment__name", "device")
    list_select_related = ("trial",)
    ordering = ("-pk",)


@admin.register(models.Artifact)
class ArtifactAdmin(Records):
    """Stored files."""

    list_display = ("trial", "kind", "bytes", "sha256", "created")
    list_filter = ("kind",)
    search_fields = ("path", "sha256", "trial__experiment__name")
    list_select_related = ("trial",)


@admin.register(models.Draft)
class DraftAdmin(Records):
    """Unfinished forms."""

    list_display = ("project", "user", "revision", "updated")
    search_fields = ("project__name", "user__username")
    list_select_related = ("project", "user")


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
