"""Assigns the files of a zip to classes by their folders."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from experiments.ingest.errors import DataRefused

IMAGES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"})
SKIPPED = frozenset(
    {".txt", ".md", ".csv", ".json", ".xml", ".html", ".pdf", ".ini", ".db", ".yaml"}
)
Part = Literal["training", "validation", "test"]
PARTS: dict[str, Part] = {
    "train": "training",
    "training": "training",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}
MOST_CLASSES = 1_000
FEWEST_IMAGES = 10


@dataclass(frozen=True, slots=True)
class Member:
    """An image with its class, and the part of the dataset whose folder it lies in."""

    entry: zipfile.ZipInfo
    class_name: str
    part: Part = "training"


@dataclass(frozen=True, slots=True)
class Arranged:
    """Members in the order of their names, and the names of files that are no images."""

    members: tuple[Member, ...]
    classes: tuple[str, ...]
    left_out: tuple[str, ...]


def arrange(entries: Sequence[zipfile.ZipInfo]) -> Arranged:
    """Read class/image, or part/class/image, below at most one outer folder.

    Parts are train, and validation or test or both, by the usual names of their folders.
    """
    files = sorted((e for e in entries if not e.is_dir()), key=lambda entry: entry.filename)
    images, left_out = _sorted_out(files)
    paths = [PurePosixPath(entry.filename).parts for entry in images]
    depth = _outer_folders(paths)
    tops = {parts[depth].lower() for parts in paths if len(parts) > depth + 1}
    found = {PARTS.get(top) for top in tops}
    parted = None not in found and "training" in found and len(found) > 1
    members = []
    for entry, parts in zip(images, paths, strict=True):
        inner = parts[depth:]
        part = PARTS[inner[0].lower()] if parted else "training"
        inner = inner[1:] if parted else inner
        if len(inner) != 2:
            raise DataRefused(
                f"{entry.filename} isn't directly in a class folder. Put each image "
                "into a folder named after its class."
            )
        members.append(Member(entry, inner[0], part))
    return Arranged(tuple(members), _classes(members), tuple(left_out))


def _sorted_out(files: Sequence[zipfile.ZipInfo]) -> tuple[list[zipfile.ZipInfo], list[str]]:
    images, left_out = [], []
    for entry in files:
        path = PurePosixPath(entry.filename)
        if path.parts[0] == "__MACOSX" or path.name.startswith("."):
            continue
        suffix = path.suffix.lower()
        if suffix in IMAGES:
            images.append(entry)
        elif suffix in SKIPPED:
            left_out.append(entry.filename)
        else:
            raise DataRefused(
                f"{entry.filename} isn't a PNG, JPEG, BMP, GIF, WebP or TIFF image. "
                "Convert it, or remove it from the zip."
            )
    if len(images) < FEWEST_IMAGES:
        raise DataRefused(
            f"The zip has {len(images)} images; at least {FEWEST_IMAGES} are required, "
            "in one folder per class."
        )
    return images, left_out


def _outer_folders(paths: Sequence[tuple[str, ...]]) -> int:
    """One outer folder around everything is looked through, as zip tools make it."""
    first = {parts[0] for parts in paths}
    return 1 if len(first) == 1 and all(len(parts) > 2 for parts in paths) else 0


def _classes(members: Sequence[Member]) -> tuple[str, ...]:
    classes = {member.class_name for member in members if member.part == "training"}
    unknown = {
        member.class_name: member.part for member in members if member.class_name not in classes
    }
    if unknown:
        name = min(unknown)
        raise DataRefused(
            f"Class {name} appears in the {unknown[name]} folder only. Add training "
            "images of this class."
        )
    if len(classes) < 2:
        raise DataRefused(
            f"All images are in one class folder ({min(classes)}), so there is nothing "
            "to learn. Zip at least two class folders."
        )
    if len(classes) > MOST_CLASSES:
        raise DataRefused(
            f"The zip has {len(classes):,} classes; at most {MOST_CLASSES:,} are allowed."
        )
    return tuple(sorted(classes))
