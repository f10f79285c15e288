"""Detects, inspects and prepares every upload format.

Three steps, since a person chooses between the last two: `check_start` reads a bounded piece in
the request, `inspect` and `prepare` read everything in a worker.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from experiments.ingest.archives import open_archive
from experiments.ingest.arrays import ArrayChoice, guess_arrays, prepare_npz
from experiments.ingest.checks.columns import column_outcomes
from experiments.ingest.checks.outcome import stored
from experiments.ingest.class_folders import arrange
from experiments.ingest.columns import ColumnFacts, facts_of
from experiments.ingest.csv_table import TableFile, check_csv_start, read_csv
from experiments.ingest.errors import DataRefused
from experiments.ingest.image_zip import ImageChoice, inspect_images, prepare_image_zip
from experiments.ingest.limits import Limits
from experiments.ingest.npz import inspect_npz
from experiments.ingest.parquet_table import check_parquet_start, read_parquet
from experiments.ingest.prepared import Prepared
from experiments.ingest.tables import prepare_table, preview_of
from experiments.ingest.targets import TableChoice

Format = Literal["csv", "parquet", "npz", "images"]
SUFFIXES: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".npz": "npz",
    ".zip": "images",
}
TARGET_NAMES = (
    "target", "label", "labels", "class", "y", "species", "outcome", "diagnosis", "price",
    "quality", "survived",
)  # fmt: skip
WIDE = 200  # from here on a column's histogram is not kept: the profile is one JSON document


@dataclass(frozen=True, slots=True)
class Source:
    """An uploaded file and how it is read."""

    path: Path
    format: Format
    has_header: bool = True


def format_of(name: str) -> Format:
    """By the file name's ending. Raises DataRefused."""
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    if suffix not in SUFFIXES:
        shown = f"“{suffix}”" if suffix else "a file without an extension"
        raise DataRefused(
            f"Unsupported file type ({shown}). Choose .csv, .tsv, .parquet, .npz, or a "
            ".zip of images in class folders."
        )
    return SUFFIXES[suffix]


def check_start(source: Source, limits: Limits) -> None:
    """What a request refuses at once, in bounded time: marks, headers, directories, first lines."""
    if source.path.stat().st_size == 0:
        raise DataRefused("The file is empty. Choose another file.")
    if source.format == "csv":
        check_csv_start(source.path, has_header=source.has_header, limits=limits)
    elif source.format == "parquet":
        check_parquet_start(source.path)
    elif source.format == "npz":
        inspect_npz(source.path, limits)
    else:
        with open_archive(source.path, limits) as archive:
            arrange(archive.infolist())


def inspect(source: Source, limits: Limits) -> dict[str, Any]:
    """What the file holds, as JSON for the page that asks for a choice; `guess` is the proposal."""
    if source.format == "npz":
        return _inspect_arrays(source, limits)
    if source.format == "images":
        return _inspect_images(source, limits)
    table = _table(source, limits)
    facts, rows = facts_of(table.frame, table.lines), len(table.frame)
    target, task = guess_target(facts, rows)
    return {
        "kind": "table",
        "rows": rows,
        "columns": [one.to_dict() for one in slim(facts)],
        "preview": preview_of(table.frame),
        "checks": stored(column_outcomes(facts, {one.name: one.use for one in facts}, rows)),
        "notes": list(table.notes),
        "guess": {"target": target, "task": task},
    }


def prepare(source: Source, choice: Mapping[str, Any], limits: Limits) -> Prepared:
    """The arrays that the choice stands for."""
    if source.format == "npz":
        return prepare_npz(source.path, ArrayChoice(**choice), limits)
    if source.format == "images":
        return prepare_image_zip(source.path, ImageChoice(**choice), limits)
    table = _table(source, limits)
    prepared = prepare_table(table.frame, TableChoice(**choice), table.lines)
    columns = prepared.profile["columns"]
    if len(columns) > WIDE:
        for column in columns:
            column["summary"].pop("bins", None)
            column["top"] = column["top"][:1]
    return prepared


def guess_target(facts: Sequence[ColumnFacts], rows: int) -> tuple[str, str]:
    """A column with a usual name, else the last one that can be a target; and the likely task."""
    able = [one for one in facts if one.unique > 1 and (one.number_use or one.holds == "category")]
    named = [one for one in able if one.name.lower() in TARGET_NAMES]
    guess = (named or able[-1:] or list(facts[-1:]))[0]
    few = guess.unique <= 20 and guess.unique * 5 <= rows
    classes = not guess.number_use or (guess.whole and few)
    return guess.name, "classification" if classes else "regression"


def slim(facts: Sequence[ColumnFacts]) -> list[ColumnFacts]:
    """Without histograms and most examples where there are very many columns."""
    if len(facts) <= WIDE:
        return list(facts)
    return [
        ColumnFacts.from_dict(
            {
                **one.to_dict(),
                "summary": {key: value for key, value in one.summary.items() if key != "bins"},
                "top": one.top[:1],
            }
        )
        for one in facts
    ]


def _table(source: Source, limits: Limits) -> TableFile:
    if source.format == "parquet":
        return read_parquet(source.path, limits)
    return read_csv(source.path, has_header=source.has_header, limits=limits)


def _inspect_images(source: Source, limits: Limits) -> dict[str, Any]:
    facts = inspect_images(source.path, limits)
    width, height = facts.proposed
    left_out = list(facts.left_out[:5])
    return {
        "kind": "images",
        "rows": sum(facts.counts),
        "validation_rows": facts.validation_images,
        "test_rows": facts.test_images,
        "classes": [
            {"name": name, "count": count}
            for name, count in zip(facts.classes, facts.counts, strict=True)
        ],
        "sizes": [list(size) for size in facts.sizes],
        "notes": [f"{name} isn't an image and was skipped." for name in left_out],
        "guess": {"width": width, "height": height, "grey": facts.grey},
    }


def _inspect_arrays(source: Source, limits: Limits) -> dict[str, Any]:
    facts = inspect_npz(source.path, limits)
    if len(facts) < 2:
        raise DataRefused(
            "The file has one array; expected inputs and targets. Save it with "
            "np.savez(path, x=…, y=…)."
        )
    return {
        "kind": "arrays",
        "arrays": [{**asdict(one), "shape": list(one.shape)} for one in facts],
        "notes": [],
        "guess": asdict(guess_arrays(facts)),
    }
