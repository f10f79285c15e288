"""The background job behind an upload: read the file, then make the chosen arrays."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from experiments import storage
from experiments.ingest.built_in import BUILT_IN
from experiments.ingest.errors import DataRefused
from experiments.ingest.formats import Source, inspect
from experiments.ingest.formats import prepare as prepare_source
from experiments.ingest.prepared import Prepared, write_prepared
from experiments.models import DatasetVersion
from experiments.services.datasets.built_in import Downloads, places
from experiments.services.datasets.upload_files import limits
from experiments.services.datasets.uploads import drop_upload
from experiments.services.site import activity

State = DatasetVersion.State


def prepare(version_pk: int) -> None:
    """Read an upload, or prepare what was chosen; whatever goes wrong is written on the version."""
    version = DatasetVersion.objects.select_related("dataset__project").get(pk=version_pk)
    if version.state != State.PREPARING:
        return  # a job that came twice
    try:
        _step(version)
    except MemoryError:
        _fail(version, "The data doesn't fit into this machine's memory. Upload a smaller file.")
    except Exception:
        _fail(version, "Reading the file failed with an internal error; see the server's log.")
        raise


def fail_preparing(version_pk: int, reason: str) -> None:
    """Give a version up whose job never came to its end."""
    _fail(DatasetVersion.objects.select_related("dataset__project").get(pk=version_pk), reason)


def _step(version: DatasetVersion) -> None:
    if "built_in" in version.profile:
        _make_built_in(version)
        return
    source = source_of(version)
    choice = version.profile.get("choice")
    if choice is None:
        _inspect(version, source)
        return
    try:
        _make(version, source, choice)
    except DataRefused as error:  # the file is sound: another choice may do
        profile = {key: version.profile[key] for key in ("source", "inspection")}
        _note(
            version,
            state=State.UPLOADED,
            error=str(error),
            profile={**profile, "refused_choice": choice},
        )


def source_of(version: DatasetVersion) -> Source:
    """The uploaded file and how it is read."""
    kept = version.profile["source"]
    return Source(storage.absolute(version.source_path), kept["format"], kept["has_header"])


def _inspect(version: DatasetVersion, source: Source) -> None:
    try:
        found = inspect(source, limits())
    except DataRefused as error:
        _fail(version, str(error))
        return
    kept = {"source": version.profile["source"], "inspection": found}
    _note(version, state=State.UPLOADED, profile=kept, error="")


def _make(version: DatasetVersion, source: Source, choice: Mapping[str, Any]) -> None:
    prepared = prepare_source(source, choice, limits())
    digest = write_prepared(prepared, storage.data_dir() / "datasets")
    kept = {key: version.profile[key] for key in ("source", "inspection")}
    _is_ready(version, prepared, digest, {**kept, "choice": dict(choice)})


def _make_built_in(version: DatasetVersion) -> None:
    """Find or fetch the files of a set that was requested by its name, and prepare them."""
    key = version.profile["built_in"]
    try:
        prepared = BUILT_IN[key].load(places(Downloads(version)))
        digest = write_prepared(prepared, storage.data_dir() / "datasets")
    except DataRefused as error:
        _fail(version, str(error))
        return
    _is_ready(version, prepared, digest, {"built_in": key})


def _is_ready(
    version: DatasetVersion, prepared: Prepared, digest: str, kept: Mapping[str, Any]
) -> None:
    profile = {**kept, **prepared.profile}
    with transaction.atomic():
        made = _note(
            version,
            state=State.READY,
            digest=digest,
            profile=profile,
            error="",
            **prepared.facts(),
        )
        if made:
            rows = prepared.schema.rows
            activity.record(
                "dataset.ready",
                f"{version.dataset.name} v{version.number} is ready: {rows:,} rows",
                project=version.dataset.project,
                detail={"dataset": version.dataset_id},
            )


def _fail(version: DatasetVersion, reason: str) -> None:
    """Nothing of a refused file is kept but the reason."""
    what = "can't be prepared" if version.dataset.built_in else "was rejected"
    with transaction.atomic():
        if _note(version, state=State.FAILED, error=reason):
            transaction.on_commit(lambda: drop_upload(version))
            activity.record(
                "dataset.failed",
                f"{version.dataset.name} v{version.number} {what}: {reason}",
                project=version.dataset.project,
                detail={"dataset": version.dataset_id},
            )


def _note(version: DatasetVersion, **columns: Any) -> bool:
    """Write while the version is still being prepared; whether it was."""
    written = DatasetVersion.objects.filter(pk=version.pk, state=State.PREPARING).update(**columns)
    for name, value in columns.items():
        setattr(version, name, value)
    return bool(written)
