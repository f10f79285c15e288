"""A prepared dataset: arrays in memory, then on disk.

`<root>/<digest>/` holds `schema.json` and the arrays, `<digest>.test/` the set's own test part,
`<digest>.preview/` small pictures for pages and `<digest>.keys/` what rows can be grouped or ordered
by. `<digest>.rows.npy` and `<digest>.test.rows.npy` hold a digest of each row's content. `sums.json` in
each folder says what its files are. A trial's order names the first folder or, where rows are locked, a
copy without them.
"""

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.data_schema import DataSchema
from experiments.digests import (
    ChangedFile,
    check_folder,
    digest_once,
    sha256_of,
    sums_of,
    write_sums,
)
from experiments.evaluation.row_content import Content, content_of
from experiments.evaluation.split_columns import SplitColumn
from experiments.ingest.split_keys import SplitKeys, hidden_keys

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """Arrays by file name without `.npy`; `test` is empty where the set has no test part.

    profile: what pages show (counts, columns, preview, warnings). pictures: PNG bytes by file name.
    keys: the columns that a split can respect. hidden: names of those that the arrays don't tell.
    content: the digest of each row as it was uploaded; None: the arrays are all that there was.
    """

    schema: DataSchema
    arrays: Arrays
    test: Arrays = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    keys: tuple[SplitKeys, ...] = ()
    hidden: frozenset[str] = frozenset()
    content: Content | None = None

    def __post_init__(self) -> None:
        """Every array has as many rows as the schema says."""
        for arrays, rows in ((self.arrays, self.schema.rows), (self.test, self.schema.test_rows)):
            for name, array in arrays.items():
                if len(array) != rows:
                    raise ValueError(f"{name} has {len(array)} rows, the schema says {rows}")

    def facts(self) -> dict[str, Any]:
        """What a dataset version's record says of it, beside digest and profile."""
        return {
            "task": self.schema.task,
            "target": ", ".join(target.name for target in self.schema.targets)[:200],
            "rows": self.schema.rows,
            "test_rows": self.schema.test_rows,
            "schema": self.schema.to_dict(),
        }


def with_validation(prepared: Prepared, rows: int) -> Prepared:
    """The same, of which the last `rows` rows are the dataset's own validation part."""
    return replace(prepared, schema=replace(prepared.schema, validation_rows=rows))


def digest_of(prepared: Prepared) -> str:
    """SHA-256 over schema, then name, type, shape and bytes of every array; the same on any machine."""
    digest = hashlib.sha256(
        json.dumps(prepared.schema.to_dict(), sort_keys=True, ensure_ascii=False).encode()
    )
    hidden = {
        each.column.name: each.codes
        for each in prepared.keys
        if each.column.name in prepared.hidden
    }
    parts = (("training", prepared.arrays), ("test", prepared.test), ("keys", hidden))
    for part, arrays in parts:
        for name in sorted(arrays):
            array = np.ascontiguousarray(arrays[name])
            header = f"{part}/{name}/{array.dtype.str}/{array.shape}"
            digest.update(header.encode())
            digest.update(array.data.cast("B") if array.size else b"")
    return digest.hexdigest()


def write_prepared(prepared: Prepared, root: Path) -> str:
    """Write under `root` unless the same content is there; return its digest.

    The main folder is renamed into place last: where it is, everything is. In folders that are there,
    files that are missing or have changed are replaced.
    """
    digest = digest_of(prepared)
    held = {".keys": prepared.keys, ".test": prepared.test, ".preview": prepared.pictures}
    names = [*(f"{digest}{ending}" for ending, content in held.items() if content), digest]
    if all(_is_whole(root / name) for name in names):
        return digest
    staging = root / f".staging-{uuid.uuid4().hex}"
    try:
        for name in names:
            _write_folder(staging / name, prepared)
        for name in names:
            _place(staging / name, root / name)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return digest


def read_prepared(folder: Path, columns: Iterable[SplitColumn]) -> Prepared:
    """What was written, for its digest: schema, arrays and keys. columns: those that keys are stored of.

    Raises: OSError, ValueError, KeyError, SchemaError for files that aren't what was written.
    """
    schema = DataSchema.from_dict(json.loads((folder / "schema.json").read_text(encoding="utf-8")))
    arrays, keys = _arrays(folder), folder.with_name(f"{folder.name}.keys")
    found = tuple(
        SplitKeys(each, np.load(keys / each.file_name), np.load(keys / each.values_file))
        for each in columns
        if (keys / each.values_file).exists()
    )
    hidden = hidden_keys(found, schema.inputs_by_name(arrays))
    test = _arrays(folder.with_name(f"{folder.name}.test"))
    return Prepared(schema, arrays, test, keys=found, hidden=hidden)


def write_all_sums(folder: Path) -> None:
    """Say of a version's files, its own test part's among them, what they are now."""
    for ending in (".keys", ".test", ".preview", ""):
        each = folder.with_name(f"{folder.name}{ending}")
        if each.is_dir():
            write_sums(each, _content_beside(each))


def _arrays(folder: Path) -> dict[str, NDArray[Any]]:
    paths = folder.glob("*.npy")
    return {path.stem: np.load(path, mmap_mode="r", allow_pickle=False) for path in paths}


def _is_whole(folder: Path) -> bool:
    try:
        check_folder(folder)
        return bool(sums_of(folder))
    except ChangedFile:
        return False


def _content_beside(folder: Path) -> list[Path]:
    """The digests of a folder's rows, which lie next to it."""
    path = folder.with_name(f"{folder.name}.rows.npy")
    return [path] if path.exists() else []


def _write_folder(folder: Path, prepared: Prepared) -> None:
    folder.mkdir(parents=True)
    match folder.suffix:
        case ".keys":
            _write_keys(folder, prepared.keys)
        case ".preview":
            _write_pictures(folder, prepared.pictures)
        case ".test":
            _write_arrays(folder, prepared.test, prepared.schema)
        case _:
            _write_arrays(folder, prepared.arrays, prepared.schema, prepared.content)


def _write_arrays(
    directory: Path, arrays: Arrays, schema: DataSchema, content: Content | None = None
) -> None:
    for name, array in arrays.items():
        np.save(directory / f"{name}.npy", array, allow_pickle=False)
    text = json.dumps(schema.to_dict(), ensure_ascii=False, indent=1)
    (directory / "schema.json").write_text(text, encoding="utf-8")
    rows = directory.with_name(f"{directory.name}.rows.npy")
    if content is None:
        content = content_of(schema.cells(arrays))
    np.save(rows, content, allow_pickle=False)


def _write_keys(directory: Path, keys: Iterable[SplitKeys]) -> None:
    for each in keys:
        np.save(directory / each.column.file_name, each.codes, allow_pickle=False)
        np.save(directory / each.column.values_file, each.values, allow_pickle=False)


def _write_pictures(directory: Path, pictures: Mapping[str, bytes]) -> None:
    for name, content in pictures.items():
        (directory / name).write_bytes(content)


def _place(source: Path, target: Path) -> None:
    """Rename a folder into place, after the rows' digests beside it; a concurrent writer is no conflict.

    Rows' digests that are there stay, so that no row changes sides.
    """
    for staged in _content_beside(source):
        rows = target.with_name(f"{target.name}.rows.npy")
        if not rows.exists() and not target.is_dir():
            shutil.copyfile(staged, rows)
        elif not target.is_dir():
            shutil.copyfile(rows, staged)
    write_sums(source, _content_beside(source))
    try:
        os.rename(source, target)  # noqa: PTH104 (Path.rename would hide which error is met)
    except OSError:
        if not target.is_dir():
            raise
        _replace_changed(source, target)


def _replace_changed(source: Path, target: Path) -> None:
    """Give a folder those of its files that it lacks or that differ from its sums, if these are they."""
    try:
        sums = sums_of(target)
    except ChangedFile:
        sums = {}
    for name, staged in sums_of(source).items():
        path = target / name
        found = digest_once([path], partial(sha256_of, path))
        stays = found if name.startswith("../") and found else staged
        if found != staged and staged == sums.get(name, stays):
            (source / name).replace(path)
    if not sums:
        write_sums(target, _content_beside(target))
