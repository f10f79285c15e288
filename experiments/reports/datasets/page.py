"""Reports: a dataset's page beside its profile. Imports models, ingest."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from experiments.ingest.built_in import BUILT_IN, BuiltIn
from experiments.models import Dataset, DatasetVersion
from experiments.reports.datasets.lists import Bar, Histogram, class_bars, histogram

MB = 1e6


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """How far the download of a file is. share: from 0 to 1."""

    words: str
    share: float


@dataclass(frozen=True, slots=True)
class OtherTarget:
    """A further target: bars of its classes, or a histogram of its numbers."""

    title: str
    bars: tuple[Bar, ...]
    more_classes: int
    histogram: Histogram | None
    summary: Mapping[str, Any]


def more_targets(version: DatasetVersion) -> list[OtherTarget]:
    """The targets beside the main one, in the schema's order."""
    found = []
    for one in version.profile.get("more_targets", []):
        bars, rest = class_bars(one)
        summary = one.get("target", {})
        title = f"Further target: {one['name']}"
        found.append(OtherTarget(title, bars, rest, histogram(summary), summary))
    return found


def offers(present: Collection[str]) -> list[BuiltIn]:
    """Built-in sets whose keys are not among those that are there, by name."""
    return sorted(
        (one for one in BUILT_IN.values() if one.key not in present), key=lambda one: one.name
    )


def source_of(dataset: Dataset) -> str:
    """Where a built-in set comes from, as an address; empty for others."""
    known = BUILT_IN.get(dataset.built_in)
    return known.source if known else ""


def progress_of(version: DatasetVersion) -> DownloadProgress | None:
    """The download that a version waits for, if it waits for one."""
    noted = version.profile.get("progress")
    if version.state != DatasetVersion.State.PREPARING or not noted:
        return None
    done, total = noted["done"], noted["total"]
    if total and done >= total:
        return DownloadProgress(f"{noted['file']} is present; preparing the arrays.", 1.0)
    of = f" of {total / MB:,.1f}" if total else ""
    words = f"Downloading {noted['file']}: {done / MB:,.1f}{of} MB"
    return DownloadProgress(words, done / total if total else 0.0)
