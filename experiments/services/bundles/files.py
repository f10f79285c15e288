"""The files of a bundle, written into one zip."""

import json
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments.changed_files import artifact_file
from experiments.digests import sha256_of
from experiments.file_format import with_format
from experiments.services.bundles.card import model_card, scores_of
from experiments.services.bundles.child_programs import ProgramFailed, run_program
from experiments.services.bundles.contents import Subject, requirements, sample_file, sample_of
from experiments.services.bundles.contents import small_files as files_of_records

EXPORT = "experiments.training.child.export"
EXPORT_SECONDS = 300
EARLIEST = (1980, 1, 1, 0, 0, 0)  # of a zip: equal content gives an equal file
NO_SPACE = "No space left on device"
DISK_FULL = "The disk is full. Free space, then try again."

Formats = dict[str, dict[str, Any]]


class BundleFailed(Exception):
    """The bundle can't be made; the message is for people."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A finished zip that is not yet served.

    formats: by name what the bundle has of it, `bytes` and the `difference` of its predictions
    from model.keras (of the largest, where that is above 1), or the sentence `why_not`.
    """

    zip: Path
    formats: Formats


def write_bundle(subject: Subject, work: Path) -> Draft:
    """Write every file of the bundle under `work/files`, and the zip of them.

    Raises: BundleFailed; ChangedFile; OSError, when the disk is full.
    """
    root = work / "files"
    model = artifact_file(subject.model)
    sample = sample_of(subject)
    sample_name, sample_bytes = sample_file(subject.schema, sample)
    contents = files_of_records(subject)
    contents["model.keras"] = model.read_bytes()
    contents[f"sample/{sample_name}"] = sample_bytes
    for name, content in contents.items():
        _write(root / name, content)
    outputs, found = _export(root, sample, work, is_code=subject.is_code)
    predictions = {"input": sample_name, "outputs": outputs.tolist()}
    formats = {
        name: {**about, "bytes": _size(root / name)} if (root / name).exists() else about
        for name, about in {"model.keras": {"difference": 0.0}, **found}.items()
    }
    pinned = requirements(subject.trial.environment, onnx=(root / "model.onnx").exists())
    _write(root / "sample" / "predictions.json", json.dumps(predictions, indent=1).encode())
    _write(root / "MODEL_CARD.md", model_card(subject, formats).encode())
    _write(root / "requirements.txt", pinned.encode())
    files = {
        path.relative_to(root).as_posix(): path
        for path in root.rglob("*")
        # The export has run the model's code here: Python's own copy of it differs elsewhere.
        if path.is_file() and path.parent.name != "__pycache__"
    }
    manifest = with_format(
        {
            "files": {name: sha256_of(path) for name, path in sorted(files.items())},
            "formats": formats,
            "scores": scores_of(subject),
        }
    )
    _write(root / "manifest.json", json.dumps(manifest, indent=1).encode())
    draft = work / "bundle.zip"
    _write_zip(draft, {**files, "manifest.json": root / "manifest.json"})
    return Draft(draft, formats)


def _export(
    root: Path, sample: dict[str, np.ndarray], work: Path, *, is_code: bool
) -> tuple[np.ndarray, Formats]:
    """Let the training side's program write the formats; return its predictions of the sample."""
    np.savez(work / "sample.npz", allow_pickle=False, **sample)
    order = {
        "model": str(root / "model.keras"),
        "code": str(root / "model_code.py"),
        "schema": str(root / "schema.json"),
        "sample": str(work / "sample.npz"),
        "folder": str(root),
    }
    try:
        run_program(EXPORT, order, work, seconds=EXPORT_SECONDS, is_code=is_code)
    except ProgramFailed as error:
        full = NO_SPACE in str(error)
        raise BundleFailed(
            DISK_FULL if full else f"The model can't be exported. {error}"
        ) from error
    outputs: np.ndarray = np.load(root / "outputs.npy", allow_pickle=False)
    formats: Formats = json.loads((root / "formats.json").read_text(encoding="utf-8"))
    (root / "outputs.npy").unlink()
    (root / "formats.json").unlink()
    return outputs, formats


def _size(path: Path) -> int:
    """Bytes of a file, or of a folder's files."""
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return sum(each.stat().st_size for each in files)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _write_zip(target: Path, files: dict[str, Path]) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, path in sorted(files.items()):
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            bundle.writestr(entry, path.read_bytes())
    with target.open("rb") as file:
        os.fsync(file.fileno())
