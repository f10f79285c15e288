"""Built-in datasets as records: prepared once, visible to everybody."""

import os
import time
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max

from experiments import queues, storage
from experiments.ingest.built_in import BUILT_IN, BuiltIn
from experiments.ingest.download import Progress, download
from experiments.ingest.download_sources import Origin
from experiments.ingest.file_locations import Fetch, Places
from experiments.ingest.prepared import Prepared, write_prepared
from experiments.models import Dataset, DatasetVersion, Project
from experiments.services.datasets.uploads import PREPARE_JOB
from experiments.services.site import activity

State = DatasetVersion.State
BETWEEN_NOTES = 0.5  # seconds between two writes of a download's progress


def load_built_in(key: str, progress: Progress | None = None) -> DatasetVersion:
    """The ready version of a built-in set; prepares it on the first call. Raises DataRefused.

    progress: receives how far a download is; None: nothing is downloaded.
    """
    built_in = BUILT_IN[key]
    latest = _latest_ready(key)
    if latest and storage.dataset_folder(latest.digest).is_dir():
        return latest
    fetch = None if progress is None else _fetch_reporting(progress)
    prepared = built_in.load(places(fetch))
    digest = write_prepared(prepared, storage.data_dir() / "datasets")
    return _record(built_in, prepared, digest)


def ask_for_built_in(key: str, project: Project, *, by: User) -> DatasetVersion:
    """The newest version of a built-in set; where none is ready, a worker prepares one now.

    Asking again for one that failed is another try.
    """
    with transaction.atomic():
        dataset = _dataset(BUILT_IN[key])
        Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)
        version = _latest_ready(key) or dataset.versions.order_by("-number").first()
        if version and version.state != State.FAILED:
            return version
        profile = {"built_in": key}
        if version is None:
            version = DatasetVersion.objects.create(
                dataset=dataset, number=1, profile=profile, created_by=by
            )
        else:
            version.state, version.error, version.profile = State.PREPARING, "", profile
            version.save(update_fields=["state", "error", "profile"])
        queues.enqueue_short(PREPARE_JOB, version.pk)
        activity.record(
            "dataset.asked",
            f"Requested the built-in dataset {dataset.name}",
            project=project,
            user=by,
            detail={"dataset": dataset.pk},
        )
    return version


def places(fetch: Fetch | None = None) -> Places:
    """Where files of built-in sets are searched."""
    keras_home = os.environ.get("KERAS_HOME") or str(Path.home() / ".keras")
    return Places(
        data=storage.data_dir(),
        packages=Path(settings.BASE_DIR) / "node_modules",
        keras=Path(keras_home) / "datasets",
        fetch=fetch,
    )


class Downloads:
    """Fetches files for a version that is being prepared, and notes on it how far they are."""

    def __init__(self, version: DatasetVersion) -> None:
        self._version = version
        self._noted = 0.0

    def __call__(self, origin: Origin, target: Path) -> None:
        """Fetch one file. Raises DataRefused."""
        download(origin, target, self._note)

    def _note(self, file: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._noted < BETWEEN_NOTES and done < total:
            return
        self._noted = now
        progress = {"file": file, "done": done, "total": total}
        self._version.profile = {**self._version.profile, "progress": progress}
        DatasetVersion.objects.filter(pk=self._version.pk, state=State.PREPARING).update(
            profile=self._version.profile
        )


def _fetch_reporting(progress: Progress) -> Fetch:
    return lambda origin, target: download(origin, target, progress)


def _latest_ready(key: str) -> DatasetVersion | None:
    return (
        DatasetVersion.objects.filter(dataset__built_in=key, state=State.READY)
        .order_by("-number")
        .first()
    )


def _dataset(built_in: BuiltIn) -> Dataset:
    dataset, _ = Dataset.objects.update_or_create(
        project=None,
        slug=built_in.slug,
        defaults={
            "name": built_in.name,
            "description": built_in.description,
            "licence": built_in.licence,
            "built_in": built_in.key,
        },
    )
    return dataset


@transaction.atomic
def _record(built_in: BuiltIn, prepared: Prepared, digest: str) -> DatasetVersion:
    dataset = _dataset(built_in)
    same = dataset.versions.filter(digest=digest, state=State.READY).first()
    if same:
        return same
    last = dataset.versions.aggregate(last=Max("number"))["last"] or 0
    version = DatasetVersion.objects.create(
        dataset=dataset,
        number=last + 1,
        state=State.READY,
        digest=digest,
        profile=prepared.profile,
        **prepared.facts(),
    )
    if not last:
        activity.record(
            "dataset.ready", f"Prepared the built-in dataset {built_in.name}", project=None
        )
    return version
