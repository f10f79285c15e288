"""Shaped reads for the pages of datasets. Room: reports; imports models."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from experiments.ingest.readings import MARK_OF
from experiments.models import Dataset, DatasetVersion, Experiment, Project, Purpose

MOST_BARS = 40


@dataclass(frozen=True, slots=True)
class DatasetLine:
    """A line of the list. shown: the newest version that is ready, else the newest. built_in: key of its loader."""

    dataset: Dataset
    built_in: str
    shown: DatasetVersion
    newest: DatasetVersion
    versions: int
    words: str
    used_by: int

    @property
    def rows(self) -> int:
        """Rows of all sets, the test set included."""
        return self.shown.rows + self.shown.test_rows


@dataclass(frozen=True, slots=True)
class Bar:
    """One class with its rows; `share` is its length from 0 to 100 beside the largest."""

    name: str
    count: int
    test: int | None
    share: float


@dataclass(frozen=True, slots=True)
class Histogram:
    """Bars of a small picture: (x, y, height) in a box of 20 units a side and 1 a bin."""

    bars: tuple[tuple[int, float, float], ...]
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """A column of a ready table."""

    name: str
    use: str
    unique: int
    missing: int
    missing_share: float
    summary: Mapping[str, Any]
    top: tuple[tuple[str, int], ...]
    histogram: Histogram | None


def dataset_lines(project: Project, *, archived: bool = False) -> list[DatasetLine]:
    """Datasets of a project and the built-in ones; three queries however many there are."""
    usable = Q(project=project) | Q(project=None)
    found = Dataset.objects.filter(usable, archived__isnull=not archived)
    datasets = list(found.exclude(built_in=Dataset.ELSEWHERE))
    versions: dict[int, list[DatasetVersion]] = {}
    for version in (
        DatasetVersion.objects.filter(dataset__in=datasets)
        .defer("profile")
        .order_by("dataset", "-number")
    ):
        versions.setdefault(version.dataset_id, []).append(version)
    used = dict(
        Experiment.objects.filter(
            project=project, purpose=Purpose.SEARCH, dataset_version__dataset__in=datasets
        )
        .order_by()
        .values_list("dataset_version__dataset")
        .annotate(n=Count("pk"))
    )
    lines = [
        _line(one, versions[one.pk], used.get(one.pk, 0)) for one in datasets if one.pk in versions
    ]
    return sorted(lines, key=lambda line: (line.built_in != "", line.dataset.name.lower()))


def words_of(version: DatasetVersion) -> str:
    """What a row is: "28×28 grey images, 10 classes"."""
    schema = version.schema
    if not schema:
        return ""
    target = (
        f"{len(schema['classes'])} classes"
        if schema["task"] == "classification"
        else f"regression of {schema['target']}"
    )
    more = len(schema.get("more_targets", ()))
    return f"{_inputs(schema)} · {target}{f' and {more} more' if more else ''}"


def used_by(version: DatasetVersion, project: Project) -> QuerySet[Experiment]:
    """Experiments of the project over this version."""
    searches = Experiment.objects.filter(project=project, purpose=Purpose.SEARCH)
    return searches.filter(dataset_version=version).order_by("-created")


def class_bars(profile: Mapping[str, Any]) -> tuple[tuple[Bar, ...], int]:
    """The largest classes in their order, and how many more there are."""
    counts = profile.get("class_counts", [])
    tests = [one["count"] for one in profile.get("test_class_counts", [])]
    most = max((one["count"] for one in counts), default=0) or 1
    bars = [
        Bar(
            name=one["name"],
            count=one["count"],
            test=tests[position] if tests else None,
            share=round(100 * one["count"] / most, 2),
        )
        for position, one in enumerate(counts)
    ]
    if len(bars) > MOST_BARS:
        bars.sort(key=lambda bar: -bar.count)
    return tuple(bars[:MOST_BARS]), max(0, len(bars) - MOST_BARS)


def column_lines(version: DatasetVersion) -> list[ColumnLine]:
    """Columns of a table, the target first."""
    rows = version.rows or 1
    lines = [
        ColumnLine(
            name=one["name"],
            use="number" if one["use"] in MARK_OF else one["use"],
            unique=one["unique"],
            missing=one["missing"],
            missing_share=100 * one["missing"] / rows,
            summary=one["summary"] if one["holds"] != "category" else {},
            top=tuple((text, count) for text, count in one["top"][:3]),
            histogram=histogram(one["summary"]) if one["use"] != "category" else None,
        )
        for one in version.profile.get("columns", [])
    ]
    order = {"target": 0, "skip": 2}
    return sorted(lines, key=lambda line: order.get(line.use, 1))


def histogram(summary: Mapping[str, Any]) -> Histogram | None:
    """The bins of a number summary as bars."""
    bins = summary.get("bins")
    if not bins:
        return None
    most = max(bins) or 1
    bars = []
    for position, count in enumerate(bins):
        height = round(max(20 * count / most, 0.6 if count else 0), 2)
        bars.append((position, round(20 - height, 2), height))
    return Histogram(tuple(bars), summary["edges"][0], summary["edges"][1])


def _line(dataset: Dataset, versions: list[DatasetVersion], used: int) -> DatasetLine:
    ready = (one for one in versions if one.state == DatasetVersion.State.READY)
    shown = next(ready, versions[0])
    return DatasetLine(
        dataset=dataset,
        built_in="" if dataset.project_id else dataset.built_in or "yes",
        shown=shown,
        newest=versions[0],
        versions=len(versions),
        words=words_of(shown),
        used_by=used,
    )


def _inputs(schema: Mapping[str, Any]) -> str:
    shape = schema["shape"]
    if schema["kind"] == "table":
        kinds = [f"{n} {word}" for n, word in zip(shape, ("number", "category"), strict=True) if n]
        return f"{', '.join(kinds)} column{'' if sum(shape) == 1 else 's'}"
    if schema["kind"] == "text":
        return f"texts of up to {shape[0]} words"
    if schema["kind"] == "image":
        colour = "grey" if shape[2] == 1 else "colour"
        return f"{shape[1]}×{shape[0]} {colour} images"
    return f"arrays of {'×'.join(str(size) for size in shape)}"
