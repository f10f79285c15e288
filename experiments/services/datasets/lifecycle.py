"""Writes to datasets and their versions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils.text import slugify

from experiments import queues
from experiments.models import Dataset, DatasetVersion, Project
from experiments.services.datasets.uploads import PREPARE_JOB, KeptFile, drop_upload
from experiments.services.experiments.states import NotAllowed
from experiments.services.site import activity
from experiments.services.site.projects import lock_project, numbered

State = DatasetVersion.State


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """What a person writes about a dataset."""

    name: str
    description: str = ""
    licence: str = ""


def create_upload(
    project: Project, facts: DatasetFacts, kept: KeptFile, *, by: User
) -> DatasetVersion:
    """A new dataset with its first version, which a worker now reads."""
    with transaction.atomic():
        lock_project(project.pk)
        dataset = Dataset.objects.create(
            project=project,
            slug=_free_slug(project, facts.name),
            name=facts.name,
            description=facts.description,
            licence=facts.licence,
            created_by=by,
        )
        _record(dataset, "uploaded", f"Uploaded data {facts.name} ({kept.name})", by)
        return _add_version(dataset, kept, by)


def add_version(dataset: Dataset, kept: KeptFile, *, by: User) -> DatasetVersion:
    """Another version of a dataset from a new file; earlier ones stay as they are."""
    with transaction.atomic():
        version = _add_version(dataset, kept, by)
        text = f"Uploaded {dataset.name} v{version.number} ({kept.name})"
        _record(dataset, "version_added", text, by)
    return version


def choose(version: DatasetVersion, choice: dict[str, Any], *, by: User) -> None:
    """Take the person's choice of target and prepare; raises NotAllowed."""
    with transaction.atomic():
        kept = {key: version.profile[key] for key in ("source", "inspection")}
        moved = DatasetVersion.objects.filter(pk=version.pk, state=State.UPLOADED).update(
            state=State.PREPARING,
            profile={**kept, "choice": choice},
            error="",
            task=choice.get("task", ""),
        )
        if not moved:
            raise NotAllowed("This version is already being prepared, or ready.")
        queues.enqueue_short(PREPARE_JOB, version.pk)
        dataset = version.dataset
        _record(dataset, "choice", f"Chose the target of {dataset.name} v{version.number}", by)


def choose_again(
    version: DatasetVersion, fixes: Mapping[str, str] | None = None, *, by: User
) -> DatasetVersion:
    """A new version from the same file, waiting for another choice.

    fixes: other uses of columns by name; the form opens on the choice of this version with them.
    """
    if "inspection" not in version.profile or not version.source_path:
        raise NotAllowed("The file of this version is no longer stored. Upload it again.")
    source = {key: version.profile[key] for key in ("source", "inspection")}
    choice = version.profile.get("choice", {})
    if choice:
        source["proposed_choice"] = choice | {"uses": choice.get("uses", {}) | dict(fixes or {})}
    with transaction.atomic():
        return DatasetVersion.objects.create(
            dataset=version.dataset,
            number=_next_number(version.dataset),
            state=State.UPLOADED,
            profile=source,
            source_name=version.source_name,
            source_path=version.source_path,
            source_bytes=version.source_bytes,
            created_by=by,
        )


def discard_version(version: DatasetVersion, *, by: User) -> bool:
    """Remove a version that never became ready, with its file; whether the dataset went too."""
    dataset = version.dataset
    with transaction.atomic():
        gone, _ = DatasetVersion.objects.filter(
            pk=version.pk, state__in=[State.UPLOADED, State.FAILED]
        ).delete()
        if not gone:
            raise NotAllowed("Only versions that aren't ready can be discarded.")
        transaction.on_commit(lambda: drop_upload(version))
        _record(dataset, "discarded", f"Discarded {dataset.name} v{version.number}", by)
        if dataset.versions.exists():
            return False
        dataset.delete()
    return True


def edit_dataset(dataset: Dataset, facts: DatasetFacts, *, by: User) -> None:
    """Change name, description and licence; versions are untouched."""
    with transaction.atomic():
        Dataset.objects.filter(pk=dataset.pk).update(
            name=facts.name, description=facts.description, licence=facts.licence
        )
        _record(dataset, "edited", f"Edited data {facts.name}", by)
    dataset.refresh_from_db()


def archive_dataset(dataset: Dataset, *, by: User) -> None:
    """Take the dataset out of lists and choices; experiments that use it keep it."""
    with transaction.atomic():
        if Dataset.objects.filter(pk=dataset.pk, archived=None).update(archived=Now()):
            _record(dataset, "archived", f"Archived data {dataset.name}", by)


def restore_dataset(dataset: Dataset, *, by: User) -> None:
    """Restore an archived dataset."""
    with transaction.atomic():
        if Dataset.objects.filter(pk=dataset.pk, archived__isnull=False).update(archived=None):
            _record(dataset, "restored", f"Restored data {dataset.name}", by)


def _add_version(dataset: Dataset, kept: KeptFile, by: User) -> DatasetVersion:
    source = {"format": kept.format, "has_header": kept.has_header, "sha256": kept.sha256}
    version = DatasetVersion.objects.create(
        dataset=dataset,
        number=_next_number(dataset),
        state=State.PREPARING,
        profile={"source": source},
        source_name=kept.name,
        source_path=kept.path,
        source_bytes=kept.size,
        created_by=by,
    )
    queues.enqueue_short(PREPARE_JOB, version.pk)
    return version


def _record(dataset: Dataset, deed: str, text: str, by: User) -> None:
    activity.record(
        f"dataset.{deed}",
        text,
        project=dataset.project,
        user=by,
        detail={"dataset": dataset.pk},
    )


def _next_number(dataset: Dataset) -> int:
    """Locks the dataset's row, so that two uploads at once get two numbers."""
    Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)
    last = dataset.versions.aggregate(last=Max("number"))["last"]
    return int(last or 0) + 1


def _free_slug(project: Project, name: str) -> str:
    base = slugify(name)[:70].strip("-") or "data"
    slugs = Dataset.objects.filter(project=project, slug__startswith=base)
    return numbered(base, set(slugs.values_list("slug", flat=True)))
