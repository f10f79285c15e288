"""Reveals the score on the locked test set."""

import logging
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any, Final

import numpy as np
from django.contrib.auth.models import User
from django.db import transaction

from experiments import queues, storage
from experiments.catalog.code import SLUG as CODE
from experiments.catalog.registry import source_for
from experiments.data_schema import DataSchema
from experiments.evaluation.final_metrics import final_metrics
from experiments.evaluation.row_content import Content
from experiments.models import (
    Artifact,
    Experiment,
    Project,
    Purpose,
    Reveal,
    RevealedRows,
    Trial,
)
from experiments.models.seen_rows import seen_rows
from experiments.services.bundles.child_programs import ProgramFailed, run_program
from experiments.services.experiments.states import NotAllowed, lock_experiment
from experiments.services.site import activity

JOB: Final = "experiments.jobs.score_reveal"
SCORE: Final = "experiments.training.child.score"
SECONDS: Final = 600

log = logging.getLogger(__name__)


class ScoringFailed(Exception):
    """The locked rows can't be scored; the message is for people."""


def reveal(trial: Trial, *, reason: str, by: User) -> Reveal:
    """Reveal the score of this trial's models on the locked test set. Raises NotAllowed.

    Every reveal is counted and stays, with its rows in the project's ledger; one that could not be
    scored is scored again, uncounted.
    """
    search = trial.experiment
    if search.purpose != Purpose.SEARCH:
        raise NotAllowed("The test score is revealed on the page of the search.")
    if not reason.strip():
        raise NotAllowed("Enter the reason for revealing the test score.")
    if not models_of(trial):
        raise NotAllowed(f"Trial {trial.number} has no stored model. Repeat it, or refit it.")
    content = _locked_content(search)
    with transaction.atomic():
        # Two searches of a project may lock the same rows.
        Project.objects.select_for_update().get(pk=search.project_id)
        current = lock_experiment(search.pk)
        last = current.reveals.order_by("number").last()
        if last is not None and last.state == Reveal.State.WAITING:
            raise NotAllowed("A reveal is already running.")
        if last is not None and last.state == Reveal.State.FAILED and last.trial_id == trial.pk:
            Reveal.objects.filter(pk=last.pk).update(state=Reveal.State.WAITING, message="")
            found = last
        else:
            earlier = seen_rows(current.project, content).reveals
            number = 1 + max(len(earlier), last.number if last else 0)
            found = _opened(current, trial, reason.strip(), by, number)
            RevealedRows.objects.create(reveal=found, digests=RevealedRows.packed(content))
        activity.next_event(search.pk)
        queues.enqueue_short(JOB, found.pk)
    found.refresh_from_db()
    return found


def _locked_content(search: Experiment) -> Content:
    """The content digest of each locked row. Raises NotAllowed where there are none."""
    try:
        locked = storage.load_locked(search.split_hash)
        content, _ = storage.split_content(
            search.dataset_version.digest, locked, own_test=search.locks_own_test
        )
    except FileNotFoundError as error:
        words = "The files of the split or the dataset are missing. Restore the data folder."
        raise NotAllowed(words) from error
    if not len(content):
        raise NotAllowed("This search has no locked test set.")
    return content


def _opened(search: Experiment, trial: Trial, reason: str, by: User, number: int) -> Reveal:
    which = "" if number == 1 else f", reveal {number}"
    activity.record(
        "experiment.revealed",
        f"Revealed the test score of trial {trial.number}{which}: {reason}",
        experiment=search,
        trial=trial,
        user=by,
        detail={"number": number, "reason": reason},
    )
    return Reveal.objects.create(
        experiment=search, trial=trial, number=number, reason=reason[:500], revealed_by=by
    )


def models_of(trial: Trial) -> list[Artifact]:
    """What is scored: the trial's newest refit where there is one, else its executions' models."""
    refits = Artifact.objects.filter(
        kind=Artifact.Kind.MODEL,
        trial__repeats=trial,
        trial__experiment__purpose=Purpose.REFIT,
        trial__state=Trial.State.COMPLETED,
    )
    newest = refits.order_by("-pk").first()
    if newest is not None:
        return [newest]
    own = trial.artifacts.filter(kind=Artifact.Kind.MODEL).select_related("execution")
    return list(own.order_by("execution__index"))


def score_reveal(reveal_pk: int) -> None:
    """Score a reveal and store the result, or why there is none."""
    found = Reveal.objects.select_related(
        "trial__experiment__dataset_version",
        "trial__experiment__hypermodel_version__hypermodel",
    ).get(pk=reveal_pk)
    if found.state != Reveal.State.WAITING:
        return
    try:
        rows, each = _scored(found.trial)
    except (ScoringFailed, OSError, ValueError, KeyError) as error:
        log.exception("reveal %s failed", reveal_pk)
        _store(found, state=Reveal.State.FAILED, message=str(error)[:1000])
        return
    names = [name for name in each[0]["values"] if all(name in one["values"] for one in each)]
    scores = {name: fmean(one["values"][name] for one in each) for name in names}
    _store(found, state=Reveal.State.READY, rows=rows, each=each, scores=scores)


def _store(found: Reveal, **columns: Any) -> None:
    with transaction.atomic():
        activity.next_event(found.experiment_id)
        Reveal.objects.filter(pk=found.pk).update(**columns)


def _scored(trial: Trial) -> tuple[int, list[dict[str, Any]]]:
    """How many rows there are, and name and metrics of each model."""
    version = trial.experiment.dataset_version
    artifacts = models_of(trial)
    if not artifacts:
        raise ScoringFailed("The trial's models were deleted.")
    with tempfile.TemporaryDirectory(prefix="reveal-") as work:
        targets, predictions = _predict(trial, artifacts, Path(work))
        classes = len(version.schema.get("classes", ()))
        each = []
        for artifact, answers in zip(artifacts, predictions, strict=True):
            metrics = final_metrics(version.task, targets, answers, classes)
            if "*" in metrics.missing:
                raise ScoringFailed(metrics.missing["*"])
            each.append({"model": _name_of(artifact, trial), "values": metrics.values})
    return len(targets), each


def _name_of(artifact: Artifact, trial: Trial) -> str:
    if artifact.trial_id != trial.pk:
        return f"refit of trial {trial.number}"
    index = artifact.execution.index if artifact.execution else 0
    return f"trial {trial.number}, execution {index + 1}"


def _predict(
    trial: Trial, artifacts: Sequence[Artifact], work: Path
) -> tuple[np.ndarray, list[np.ndarray]]:
    """The locked rows' targets, and what each model predicts from their inputs alone."""
    experiment = trial.experiment
    version, recipe = experiment.dataset_version, experiment.hypermodel_version
    targets = _lay_out(experiment, work / "inputs")
    schema = DataSchema.from_dict(version.schema)
    code = source_for(
        recipe.hypermodel.slug, recipe.layers, trial.values, schema, experiment.metrics
    )
    (work / "model_code.py").write_text(code, encoding="utf-8")
    order = {
        "folder": str(work / "inputs"),
        "code": str(work / "model_code.py"),
        "models": [str(storage.absolute(artifact.path)) for artifact in artifacts],
        "out": str(work),
    }
    try:
        is_code = recipe.hypermodel.slug == CODE
        run_program(SCORE, order, work, seconds=SECONDS, is_code=is_code)
    except ProgramFailed as error:
        raise ScoringFailed(f"The test score can't be computed. {error}") from error
    answers = [
        np.load(work / f"predictions-{place}.npy", allow_pickle=False)
        for place in range(len(artifacts))
    ]
    return targets, answers


def _lay_out(experiment: Experiment, folder: Path) -> np.ndarray:
    """Write the inputs of the locked rows into a folder; return their targets, which no code gets."""
    digest = experiment.dataset_version.digest
    if experiment.protocol.locked_test_share is None:
        source = storage.own_test_folder(digest)
        targets = storage.load_own_test_targets(digest)
        rows = np.arange(len(targets))
    else:
        source = storage.dataset_folder(digest)
        rows = storage.load_locked(experiment.split_hash)
        targets = storage.load_targets(digest)[rows]
    folder.mkdir()
    for name in storage.INPUTS:
        if (source / name).exists():
            storage.write_rows(source / name, rows, folder / name)
    shutil.copyfile(source / "schema.json", folder / "schema.json")
    return targets
