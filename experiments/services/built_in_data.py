"""Built-in data sets as records: prepared once, visible to everybody. Room: services."""

import os
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from experiments import storage
from experiments.ingest.built_in import BUILT_IN, BuiltIn, Places
from experiments.ingest.prepared import Prepared, write_prepared
from experiments.models import Dataset, DatasetVersion
from experiments.services import activity


def load_built_in(key: str) -> DatasetVersion:
    """The ready version of a built-in set; prepares it on the first call. Raises DataRefused."""
    built_in = BUILT_IN[key]
    latest = (
        DatasetVersion.objects.filter(dataset__built_in=key, state=DatasetVersion.State.READY)
        .order_by("-number")
        .first()
    )
    if latest and storage.dataset_folder(latest.digest).is_dir():
        return latest
    prepared = built_in.load(places())
    digest = write_prepared(prepared, storage.data_dir() / "datasets")
    return _record(built_in, prepared, digest)


def places() -> Places:
    """Where the files of built-in sets are looked for."""
    keras_home = os.environ.get("KERAS_HOME") or str(Path.home() / ".keras")
    return Places(
        data=storage.data_dir(),
        packages=Path(settings.BASE_DIR) / "node_modules",
        keras=Path(keras_home) / "datasets",
    )


@transaction.atomic
def _record(built_in: BuiltIn, prepared: Prepared, digest: str) -> DatasetVersion:
    dataset, created = Dataset.objects.get_or_create(
        project=None,
        slug=built_in.key.replace("_", "-"),
        defaults={
            "name": built_in.name,
            "description": built_in.description,
            "licence": built_in.licence,
            "built_in": built_in.key,
        },
    )
    same = dataset.versions.filter(digest=digest, state=DatasetVersion.State.READY).first()
    if same:
        return same
    version = DatasetVersion.objects.create(
        dataset=dataset,
        number=(dataset.versions.aggregate(last=Max("number"))["last"] or 0) + 1,
        state=DatasetVersion.State.READY,
        digest=digest,
        task=prepared.schema.task,
        target=prepared.schema.target,
        rows=prepared.schema.rows,
        test_rows=prepared.schema.test_rows,
        schema=prepared.schema.to_dict(),
        profile=prepared.profile,
    )
    if created:
        activity.record("dataset.ready", f"Prepared built-in data {built_in.name}", project=None)
    return version
