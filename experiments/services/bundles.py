"""Bundles: a trial's best model as a zip that predicts without this product. Room: services.

A bundle is made on demand by a short job and kept; its path names the model's content, so that a
trial which ran again gets another one. Beside the zip lie a note that it is being made, and after
a failure the reason.
"""

import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from django.db import IntegrityError, transaction

from experiments import queues, storage
from experiments.models import Artifact, Trial
from experiments.services.bundle_card import best_subject, model_card
from experiments.services.bundle_contents import Subject, sample_file, sample_of, small_files
from experiments.training.environment import ROOT, child_environment

JOB = "experiments.jobs.make_bundle"
EXPORT = "experiments.training.child.export"
FORM = 2  # rises when the bundle's files change, so that old zips are made anew
EXPORT_SECONDS = 300
PENDING_SECONDS = 360  # a note older than this belongs to a job that was lost
MAKING = ".making-"
EARLIEST = (1980, 1, 1, 0, 0, 0)  # of a zip: equal content gives an equal file

log = logging.getLogger(__name__)


class BundleFailed(Exception):
    """The bundle can't be made; the message is for people."""


class NoModel(Exception):
    """The trial has no stored model."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """How far a trial's bundle is. artifact: only of a ready one; message: why it failed."""

    state: Literal["ready", "preparing", "failed"]
    artifact: Artifact | None = None
    message: str = ""


def bundle_of(trial: Trial) -> Bundle | None:
    """Return how far the bundle is; None when nobody has asked for it. Raises NoModel."""
    path = _zip_path(_subject(trial))
    artifact = trial.artifacts.filter(
        kind=Artifact.Kind.BUNDLE, path=storage.relative(path)
    ).first()
    if artifact is not None and path.is_file():
        return Bundle("ready", artifact)
    failed = _failed_note(path)
    if failed.is_file():
        return Bundle("failed", message=failed.read_text(encoding="utf-8"))
    return Bundle("preparing") if _is_pending(path) else None


def request_bundle(trial: Trial, *, again: bool = False) -> Bundle:
    """Ask for the bundle unless it is there or under way; `again` forgets a failure.

    Raises NoModel.
    """
    known = bundle_of(trial)
    if known is not None and not (again and known.state == "failed"):
        return known
    path = _zip_path(_subject(trial))
    _failed_note(path).unlink(missing_ok=True)
    if not queues.is_reachable():
        return Bundle("failed", message="The job queue can't be reached. Start Redis, then retry.")
    storage.write_whole(_pending_note(path), str(time.time()).encode())
    queues.enqueue_short(JOB, trial.pk)
    return Bundle("preparing")


def make_bundle(trial_pk: int) -> Artifact | None:
    """Make the bundle and record it; a failure is noted for the page. None: it failed."""
    trial = _with_records(trial_pk)
    subject = _subject(trial)
    path = _zip_path(subject)
    try:
        return _recorded(subject, path)
    except (BundleFailed, OSError, ValueError, KeyError) as error:
        log.exception("bundle of trial %s failed", trial_pk)
        reason = (
            str(error) if isinstance(error, BundleFailed) else f"{type(error).__name__}: {error}"
        )
        storage.write_whole(_failed_note(path), reason[:1000].encode())
        return None
    finally:
        _pending_note(path).unlink(missing_ok=True)


def _with_records(trial_pk: int) -> Trial:
    return Trial.objects.select_related(
        "experiment__dataset_version__dataset", "experiment__hypermodel_version__hypermodel"
    ).get(pk=trial_pk)


def _subject(trial: Trial) -> Subject:
    models = trial.artifacts.filter(kind=Artifact.Kind.MODEL).select_related("execution")
    model = best_subject(list(models), maximize=trial.experiment.direction == "maximize")
    if model is None or model.execution is None:
        raise NoModel("This trial has no stored model.")
    return Subject(trial, model.execution, model)


def _recorded(subject: Subject, path: Path) -> Artifact:
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path.parent)
    with tempfile.TemporaryDirectory(prefix=MAKING, dir=path.parent) as work:
        draft = Path(work) / "bundle.zip"
        _write_zip(draft, _files(subject, Path(work)))
        size, digest = draft.stat().st_size, storage.sha256_of(draft)
        draft.replace(path)
    storage.sync_folder(path.parent)
    name = storage.relative(path)
    try:
        with transaction.atomic():
            # A zip of the same content that went missing may have left its row.
            Artifact.objects.filter(path=name).delete()
            return Artifact.objects.create(
                trial=subject.trial,
                execution=subject.execution,
                kind=Artifact.Kind.BUNDLE,
                path=name,
                bytes=size,
                sha256=digest,
            )
    except IntegrityError:  # another job made the same content at the same time
        return Artifact.objects.get(path=name)


def _sweep(folder: Path) -> None:
    """Delete what jobs left behind that were killed while they worked."""
    for left in folder.glob(f"{MAKING}*"):
        if time.time() - left.stat().st_mtime > PENDING_SECONDS:
            shutil.rmtree(left, ignore_errors=True)


def _files(subject: Subject, work: Path) -> dict[str, Path]:
    """Write every file of the bundle under `work/files` and return them by name."""
    root = work / "files"
    model = storage.absolute(subject.model.path)
    if not model.is_file() or storage.sha256_of(model) != subject.model.sha256:
        raise BundleFailed("The stored model file is missing or damaged.")
    sample = sample_of(subject)
    sample_name, sample_bytes = sample_file(subject.schema, sample)
    contents = small_files(subject)
    contents["model.keras"] = model.read_bytes()
    contents["MODEL_CARD.md"] = model_card(subject).encode()
    contents[f"sample/{sample_name}"] = sample_bytes
    for name, content in contents.items():
        _write(root / name, content)
    outputs = _export(root, sample, work)
    predictions = {"input": sample_name, "outputs": outputs.tolist()}
    _write(root / "sample" / "predictions.json", json.dumps(predictions, indent=1).encode())
    files = {
        path.relative_to(root).as_posix(): path
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }
    manifest = {"files": {name: storage.sha256_of(path) for name, path in files.items()}}
    _write(root / "manifest.json", json.dumps(manifest, indent=1).encode())
    return {**files, "manifest.json": root / "manifest.json"}


def _export(root: Path, sample: dict[str, np.ndarray], work: Path) -> np.ndarray:
    """Let the training side's program write `saved_model/`; return its predictions of the sample."""
    np.savez(work / "sample.npz", allow_pickle=False, **sample)
    order = {
        "model": str(root / "model.keras"),
        "code": str(root / "model_code.py"),
        "schema": str(root / "schema.json"),
        "sample": str(work / "sample.npz"),
        "folder": str(root),
    }
    (work / "order.json").write_text(json.dumps(order), encoding="utf-8")
    try:
        done = subprocess.run(
            [sys.executable, "-m", EXPORT, str(work / "order.json")],
            cwd=ROOT,
            env=child_environment() | {"CUDA_VISIBLE_DEVICES": ""},
            capture_output=True,
            text=True,
            timeout=EXPORT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BundleFailed(f"The export took more than {EXPORT_SECONDS} seconds.") from error
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
        raise BundleFailed(f"The model can't be exported. {lines[-1]}")
    outputs: np.ndarray = np.load(root / "outputs.npy", allow_pickle=False)
    (root / "outputs.npy").unlink()
    return outputs


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


def _zip_path(subject: Subject) -> Path:
    name = f"{subject.model.sha256[:24]}-{FORM}.zip"
    return storage.data_dir() / "bundles" / str(subject.trial.pk) / name


def _pending_note(path: Path) -> Path:
    return path.with_suffix(".pending")


def _failed_note(path: Path) -> Path:
    return path.with_suffix(".failed")


def _is_pending(path: Path) -> bool:
    note = _pending_note(path)
    try:
        return time.time() - note.stat().st_mtime < PENDING_SECONDS
    except FileNotFoundError:
        return False
