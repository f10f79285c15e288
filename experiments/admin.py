"""Room: admin. Every record, to look at, to search, and to act on safely by the services.

Nothing is typed in here and nothing is deleted: records are written by services alone, and the
activity log can't be edited by anybody. People and their rights are Django's own pages.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from experiments.models import (
    Activity,
    Artifact,
    Attempt,
    Dataset,
    DatasetVersion,
    Draft,
    Execution,
    Experiment,
    HyperModel,
    HyperModelVersion,
    Membership,
    Project,
    SpaceVersion,
    Trial,
    Worker,
)
from experiments.services import datasets as dataset_services
from experiments.services import experiments as experiment_services
from experiments.services import projects as project_services
from experiments.services import trials as trial_services
from experiments.services.moves import NotAllowed
from experiments.services.stale import release_by_hand

if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[Any]
else:
    _Admin = admin.ModelAdmin  # not subscriptable while it runs

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

    def act(
        self, request: HttpRequest, rows: Iterable[Any], act: Callable[[Any, User], object]
    ) -> None:
        """Do something to each row; tell how many and why not the others."""
        assert isinstance(request.user, User)
        done = 0
        for row in rows:
            try:
                refused = act(row, request.user) is False
            except NotAllowed as error:
                self.message_user(request, f"{row}: {error}", messages.WARNING)
                continue
            if refused:
                self.message_user(request, f"{row}: nothing to do.", messages.WARNING)
            done += not refused
        self.message_user(request, f"{done} done.")


@admin.register(Project)
class ProjectAdmin(Records):
    """Projects."""

    list_display = ("name", "slug", "created", "archived")
    list_filter = ("archived",)
    search_fields = ("name", "slug", "description")
    actions = ("archive",)

    @admin.action(description="Archive the chosen projects", permissions=["act"])
    def archive(self, request: HttpRequest, rows: QuerySet[Project]) -> None:
        """Put them out of the lists."""
        self.act(request, rows, lambda row, by: project_services.archive_project(row, by=by))


@admin.register(Membership)
class MembershipAdmin(Records):
    """Who is in which project."""

    list_display = ("project", "user", "role", "created")
    list_filter = ("role",)
    search_fields = ("project__name", "user__username")
    list_select_related = ("project", "user")


@admin.register(Dataset)
class DatasetAdmin(Records):
    """Data sets."""

    list_display = ("name", "project", "built_in", "created", "archived")
    list_filter = ("built_in", "archived")
    search_fields = ("name", "slug", "description", "project__name")
    list_select_related = ("project",)
    actions = ("archive",)

    @admin.action(description="Archive the chosen data sets", permissions=["act"])
    def archive(self, request: HttpRequest, rows: QuerySet[Dataset]) -> None:
        """Put them out of the lists."""
        self.act(request, rows, lambda row, by: dataset_services.archive_dataset(row, by=by))


@admin.register(DatasetVersion)
class DatasetVersionAdmin(Records):
    """Versions of data sets."""

    list_display = ("dataset", "number", "state", "task", "rows", "test_rows", "created")
    list_filter = ("state", "task")
    search_fields = ("dataset__name", "digest", "source_name")
    list_select_related = ("dataset",)


@admin.register(HyperModel)
class HyperModelAdmin(Records):
    """Recipes of models."""

    list_display = ("name", "kind", "slug", "project", "created")
    list_filter = ("kind",)
    search_fields = ("name", "slug", "project__name")
    list_select_related = ("project",)


@admin.register(HyperModelVersion)
class HyperModelVersionAdmin(Records):
    """Versions of recipes."""

    list_display = ("hypermodel", "number", "digest", "created")
    search_fields = ("hypermodel__name", "digest")
    list_select_related = ("hypermodel",)


@admin.register(Experiment)
class ExperimentAdmin(Records):
    """Searches."""

    list_display = ("name", "project", "state", "sampler", "objective", "created_by", "created")
    list_filter = ("state", "sampler", "archived", "created")
    search_fields = ("name", "notes", "code", "project__name", "created_by__username")
    list_select_related = ("project", "created_by")
    date_hierarchy = "created"
    actions = ("pause", "stop", "archive")

    @admin.action(description="Pause the chosen experiments", permissions=["act"])
    def pause(self, request: HttpRequest, rows: QuerySet[Experiment]) -> None:
        """Let running trials write a checkpoint and wait."""
        self.act(request, rows, lambda row, by: experiment_services.pause_experiment(row, by=by))

    @admin.action(description="Stop the chosen experiments", permissions=["act"])
    def stop(self, request: HttpRequest, rows: QuerySet[Experiment]) -> None:
        """End running trials at their next epoch."""
        self.act(request, rows, lambda row, by: experiment_services.stop_experiment(row, by=by))

    @admin.action(description="Archive the chosen experiments", permissions=["act"])
    def archive(self, request: HttpRequest, rows: QuerySet[Experiment]) -> None:
        """Put them out of the lists."""
        self.act(request, rows, lambda row, by: experiment_services.archive_experiment(row, by=by))


@admin.register(SpaceVersion)
class SpaceVersionAdmin(Records):
    """Spaces as they stood."""

    list_display = ("experiment", "number", "created", "created_by")
    search_fields = ("experiment__name",)
    list_select_related = ("experiment", "created_by")


@admin.register(Trial)
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
    actions = ("release", "requeue")

    @admin.action(description="Release the lease: another worker takes it", permissions=["act"])
    def release(self, request: HttpRequest, rows: QuerySet[Trial]) -> None:
        """Take trials from their workers, whose next write is fenced."""
        self.act(request, rows, lambda row, _: release_by_hand(row))

    @admin.action(description="Requeue: try failed or stopped trials again", permissions=["act"])
    def requeue(self, request: HttpRequest, rows: QuerySet[Trial]) -> None:
        """Put ended trials back to waiting."""
        self.act(request, rows, lambda row, by: trial_services.requeue_trial(row, by=by))


@admin.register(Attempt)
class AttemptAdmin(Records):
    """Who took a trial, and how it ended."""

    list_display = ("trial", "number", "worker", "outcome", "failure_kind", "started", "ended")
    list_filter = ("outcome", "failure_kind")
    search_fields = ("worker", "message", "trial__experiment__name")
    list_select_related = ("trial",)
    ordering = ("-pk",)


@admin.register(Execution)
class ExecutionAdmin(Records):
    """Single training runs."""

    list_display = ("trial", "index", "state", "epochs", "score", "method", "seconds", "ended")
    list_filter = ("state", "method", "failure_kind")
    search_fields = ("trial__experiment__name", "device")
    list_select_related = ("trial",)
    ordering = ("-pk",)


@admin.register(Artifact)
class ArtifactAdmin(Records):
    """Stored files."""

    list_display = ("trial", "kind", "bytes", "sha256", "created")
    list_filter = ("kind",)
    search_fields = ("path", "sha256", "trial__experiment__name")
    list_select_related = ("trial",)


@admin.register(Draft)
class DraftAdmin(Records):
    """Unfinished forms."""

    list_display = ("project", "user", "revision", "updated")
    search_fields = ("project__name", "user__username")
    list_select_related = ("project", "user")


@admin.register(Activity)
class ActivityAdmin(Records):
    """Who did what; never edited, never deleted."""

    list_display = ("created", "verb", "text", "user", "project", "experiment")
    list_filter = ("verb", "created")
    search_fields = ("text", "verb", "user__username", "project__name", "experiment__name")
    list_select_related = ("user", "project", "experiment")


@admin.register(Worker)
class WorkerAdmin(Records):
    """Processes by their heartbeats."""

    list_display = ("name", "kind", "host", "pid", "heartbeat", "trial", "rss_bytes")
    list_filter = ("kind", "host")
    search_fields = ("name", "host")
    list_select_related = ("trial",)
