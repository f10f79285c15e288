"""Projects with their people, datasets and models."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from experiments import models
from experiments.admin.records import Records, archive, register
from experiments.services.datasets.lifecycle import archive_dataset
from experiments.services.site.projects import archive_project

register(
    models.Project,
    list_display=("name", "slug", "created", "archived"),
    list_filter=("archived",),
    search_fields=("name", "slug", "description"),
    actions=(archive("projects", archive_project),),
)

register(
    models.Membership,
    list_display=("project", "user", "role", "created"),
    list_filter=("role",),
    search_fields=("project__name", "user__username"),
)

register(
    models.Dataset,
    list_display=("name", "project", "built_in", "created", "archived"),
    list_filter=("built_in", "archived"),
    search_fields=("name", "slug", "description", "project__name"),
    actions=(archive("datasets", archive_dataset),),
)

register(
    models.DatasetVersion,
    list_display=("dataset", "number", "state", "task", "rows", "test_rows", "created"),
    list_filter=("state", "task"),
    search_fields=("dataset__name", "digest", "source_name"),
)

register(
    models.HyperModel,
    list_display=("name", "kind", "slug", "project", "created"),
    list_filter=("kind",),
    search_fields=("name", "slug", "project__name"),
)

register(
    models.HyperModelVersion,
    list_display=("hypermodel", "number", "digest", "created", "created_by", "note"),
    search_fields=("hypermodel__name", "digest"),
)

register(
    models.CodeFetch,
    list_display=("created", "project", "user", "state", "address", "revision", "commit", "path"),
    list_filter=("state", "created"),
    search_fields=("project__name", "user__username", "address", "commit"),
)

register(
    models.Preflight,
    list_display=("created", "project", "user", "state", "starts", "done", "planned", "ended"),
    list_filter=("state", "created"),
    search_fields=("project__name", "user__username", "message"),
)

register(
    models.Draft,
    list_display=("project", "user", "revision", "updated"),
    search_fields=("project__name", "user__username"),
)

register(
    models.Report,
    list_display=("title", "project", "author", "revision", "created", "saved", "deleted"),
    list_filter=("deleted", "created"),
    search_fields=("title", "code", "project__name", "author__username"),
)


@admin.register(models.ReportSnapshot)
class ReportSnapshotAdmin(Records):
    """Experiments as reports froze them."""

    list_display = ("report", "experiment", "taken", "kept", "total")
    search_fields = ("report__title", "experiment__name")
    list_select_related = ("report", "experiment")

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.ReportSnapshot]:
        """Leave out the columns: they are megabytes, and no list shows them."""
        return super().get_queryset(request).defer("facts", *models.ReportSnapshot.PARTS)
