"""A prepared dataset: arrays in memory, then on disk.

`<root>/<digest>/` holds `schema.json` and the arrays, `<digest>.test/` the set's own test part,
`<digest>.preview/` small pictures for pages and `<digest>.keys/` what rows can be grouped or ordered
by. `<digest>.rows.npy` and `<digest>.test.rows.npy` hold a digest of each row's content. A trial's
order names the first folder or, where rows are locked, a copy without them.
"""

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.data_schema import DataSchema
from experiments.evaluation.row_content import Content, content_of
from experiments.ingest.split_keys import SplitKeys

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

    The main folder is renamed into place last: where it is, everything is.
    """
    digest = digest_of(prepared)
    target = root / digest
    staging = root / f".staging-{uuid.uuid4().hex}"
    try:
        if prepared.keys and not (root / f"{digest}.keys").is_dir():
            _write_keys(staging / "keys", prepared.keys)
            _place(staging / "keys", root / f"{digest}.keys")
        _write_content(staging, prepared, root / digest)
        if target.is_dir():
            return digest
        _write_arrays(staging / "main", prepared.arrays, prepared.schema)
        if prepared.test:
            _write_arrays(staging / "test", prepared.test, prepared.schema)
            _place(staging / "test", root / f"{digest}.test")
        if prepared.pictures:
            _write_pictures(staging / "preview", prepared.pictures)
            _place(staging / "preview", root / f"{digest}.preview")
        _place(staging / "main", target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return digest


def _write_arrays(directory: Path, arrays: Arrays, schema: DataSchema) -> None:
    directory.mkdir(parents=True)
    for name, array in arrays.items():
        np.save(directory / f"{name}.npy", array, allow_pickle=False)
    text = json.dumps(schema.to_dict(), ensure_ascii=False, indent=1)
    (directory / "schema.json").write_text(text, encoding="utf-8")


def _write_keys(directory: Path, keys: Iterable[SplitKeys]) -> None:
    directory.mkdir(parents=True)
    for each in keys:
        np.save(directory / each.column.file_name, each.codes, allow_pickle=False)
        np.save(directory / each.column.values_file, each.values, allow_pickle=False)


def _write_content(staging: Path, prepared: Prepared, target: Path) -> None:
    """Beside the folders; what is there stays, so that no row changes sides."""
    content = prepared.content
    if content is None:
        content = content_of(prepared.schema.cells(prepared.arrays))
    found = {".rows.npy": content}
    if prepared.test:
        found[".test.rows.npy"] = content_of(prepared.schema.cells(prepared.test))
    for ending, digests in found.items():
        path = target.with_name(target.name + ending)
        if not path.exists():
            staging.mkdir(parents=True, exist_ok=True)
            np.save(staging / path.name, digests, allow_pickle=False)
            (staging / path.name).replace(path)


def _write_pictures(directory: Path, pictures: Mapping[str, bytes]) -> None:
    directory.mkdir(parents=True)
    for name, content in pictures.items():
        (directory / name).write_bytes(content)


def _place(source: Path, target: Path) -> None:
    """Rename a folder into place; a concurrent writer of the same content is no conflict."""
    try:
        os.rename(source, target)  # noqa: PTH104 (Path.rename would hide which error is met)
    except OSError:
        if not target.is_dir():
            raise
