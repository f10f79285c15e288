"""Bundles: a trial's best model as a zip that predicts without this product.

A bundle is made on demand by a background job and kept; its path names the model's content, so that a
trial which ran again gets another one. Beside the zip lie a note that it is being made, and after
a failure the reason.
"""

import errno
import logging
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from django.db import DatabaseError, IntegrityError, transaction

from experiments import queues, storage
from experiments.changed_files import artifact_file, in_words
from experiments.digests import ChangedFile, sha256_of
from experiments.models import Artifact, Trial
from experiments.models.trained_weights import best_model
from experiments.services.bundles.card import reveals_of
from experiments.services.bundles.check import tested
from experiments.services.bundles.contents import Subject
from experiments.services.bundles.files import DISK_FULL, BundleFailed, write_bundle

JOB = "experiments.jobs.make_bundle"
CHECK_JOB = "experiments.jobs.check_bundle"
FORM = 7  # rises when the bundle's files change, so that old zips are made anew
PENDING_SECONDS = 600  # a note older than this belongs to a job that was lost
MAKING = ".making-"
DAMAGED = "The stored zip failed its last self-test. Try again to rebuild it."

log = logging.getLogger(__name__)


class NoModel(Exception):
    """The trial has no stored model."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """How far a trial's bundle is; message: why it failed.

    artifact: of a ready one, and of one that failed its last self-test or changed.
    """

    state: Literal["ready", "preparing", "failed"]
    artifact: Artifact | None = None
    message: str = ""


def bundle_of(trial: Trial) -> Bundle | None:
    """Return how far the bundle is; None when nobody has requested it. Raises NoModel."""
    path = _zip_path(_subject(trial))
    artifact = trial.artifacts.filter(
        kind=Artifact.Kind.BUNDLE, path=storage.relative(path)
    ).first()
    is_there = artifact is not None and path.is_file()
    damage = DAMAGED
    if artifact is not None and is_there and artifact.self_test.get("passed", True):
        try:
            artifact_file(artifact)
        except ChangedFile as changed:
            damage = in_words(changed)
        else:
            return Bundle("ready", artifact)
    if _is_fresh(_pending_note(path)):
        return Bundle("preparing")
    failed = _failed_note(path)
    if failed.is_file():
        return Bundle("failed", message=failed.read_text(encoding="utf-8"))
    return Bundle("failed", artifact, damage) if is_there else None


def request_bundle(trial: Trial, *, again: bool = False) -> Bundle:
    """Request the bundle unless it is there or under way; `again` forgets a failure.

    Raises NoModel.
    """
    known = bundle_of(trial)
    if known is not None and not (again and known.state == "failed"):
        return known
    path = _zip_path(_subject(trial))
    _failed_note(path).unlink(missing_ok=True)
    note = _pending_note(path)
    try:
        # First: Redis fails on a full disk too, and then it isn't what to fix.
        storage.write_whole(note, DISK_FULL.encode())
    except OSError as error:
        return Bundle("failed", message=_words(error))
    if not queues.is_reachable():
        note.unlink(missing_ok=True)
        return Bundle("failed", message="The job queue can't be reached. Start Redis, then retry.")
    queues.enqueue_short(JOB, trial.pk)
    return Bundle("preparing")


def being_made() -> set[int]:
    """Keys of the trials with a pending bundle: their models must stay."""
    notes = (storage.data_dir() / "bundles").glob("*/*.pending")
    return {int(note.parent.name) for note in notes if _is_fresh(note)}


def make_bundle(trial_pk: int) -> Artifact | None:
    """Make the bundle, test and record it; a failure is noted for the page. None: it failed."""
    trial = _with_records(trial_pk)
    subject = _subject(trial)
    path = _zip_path(subject)
    try:
        return _recorded(subject, path)
    except (BundleFailed, OSError, ValueError, KeyError, DatabaseError) as error:
        log.exception("bundle of trial %s failed", trial_pk)
        _note_failure(path, _words(error))
        return None
    finally:
        _pending_note(path).unlink(missing_ok=True)


def fail_bundle(trial_pk: int, reason: str) -> None:
    """Give a bundle up whose job never came to its end."""
    path = _zip_path(_subject(_with_records(trial_pk)))
    _note_failure(path, reason)
    _pending_note(path).unlink(missing_ok=True)


def request_check(trial: Trial) -> bool:
    """Ask for another self-test of the stored zip; False: there is none, or no queue to ask."""
    bundle = bundle_of(trial)
    if bundle is None or bundle.artifact is None or not queues.is_reachable():
        return False
    queues.enqueue_short(CHECK_JOB, trial.pk)
    return True


def check_bundle(trial_pk: int) -> Artifact | None:
    """Run the self-test of a stored bundle again and record what it says; None: there is none."""
    trial = _with_records(trial_pk)
    bundle = bundle_of(trial)
    if bundle is None or bundle.artifact is None:
        return None
    artifact = bundle.artifact
    path = storage.absolute(artifact.path)
    try:
        artifact.self_test = tested(path, MAKING, is_code=_subject(trial).is_code)
    except OSError as error:
        log.exception("self-test of %s failed", artifact.path)
        artifact.self_test = {"passed": False, "lines": [_words(error)]}
    artifact.save(update_fields=["self_test"])
    return artifact


def _words(error: Exception) -> str:
    if isinstance(error, BundleFailed):
        return str(error)
    if isinstance(error, ChangedFile):
        return in_words(error)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DISK_FULL
    return f"{type(error).__name__}: {error}"


def _note_failure(path: Path, reason: str) -> None:
    """Keep why it failed; where even that finds no room, the note of the wait becomes it."""
    try:
        storage.write_whole(_failed_note(path), reason[:1000].encode())
    except OSError:
        log.exception("the reason could not be stored: %s", reason)
        if _pending_note(path).exists():
            _pending_note(path).replace(_failed_note(path))


def _with_records(trial_pk: int) -> Trial:
    return Trial.objects.select_related(
        "experiment__dataset_version__dataset", "experiment__hypermodel_version__hypermodel"
    ).get(pk=trial_pk)


def _subject(trial: Trial) -> Subject:
    models = trial.artifacts.filter(kind=Artifact.Kind.MODEL).select_related("execution")
    model = best_model(models)
    if model is None or model.execution is None:
        raise NoModel("This trial has no stored model.")
    return Subject(trial, model.execution, model)


def _recorded(subject: Subject, path: Path) -> Artifact:
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path.parent)
    with tempfile.TemporaryDirectory(prefix=MAKING, dir=path.parent) as work:
        draft = write_bundle(subject, Path(work))
        result = tested(draft.zip, MAKING, is_code=subject.is_code)
        if not result["passed"]:
            raise BundleFailed(f"The bundle failed its self-test. {result['lines'][-1]}")
        size, digest = draft.zip.stat().st_size, sha256_of(draft.zip)
        draft.zip.replace(path)
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
                formats=draft.formats,
                self_test=result,
            )
    except IntegrityError:  # another job made the same content at the same time
        return Artifact.objects.get(path=name)


def _sweep(folder: Path) -> None:
    """Delete what killed jobs left behind."""
    for left in folder.glob(f"{MAKING}*"):
        if time.time() - left.stat().st_mtime > PENDING_SECONDS:
            shutil.rmtree(left, ignore_errors=True)


def _zip_path(subject: Subject) -> Path:
    reveals = len(reveals_of(subject))  # the card lists every one
    name = f"{subject.model.sha256[:24]}-{FORM}{f'-{reveals}' if reveals else ''}.zip"
    return storage.data_dir() / "bundles" / str(subject.trial.pk) / name


def _pending_note(path: Path) -> Path:
    return path.with_suffix(".pending")


def _failed_note(path: Path) -> Path:
    return path.with_suffix(".failed")


def _is_fresh(note: Path) -> bool:
    try:
        return time.time() - note.stat().st_mtime < PENDING_SECONDS
    except FileNotFoundError:
        return False
