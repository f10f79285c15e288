"""Scores of models, and of baselines, on the locked rows of a search."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, Final

import numpy as np

from experiments import storage
from experiments.catalog.code import SLUG as CODE
from experiments.catalog.linear import TEMPLATE as LINEAR
from experiments.catalog.registry import source_for
from experiments.changed_files import artifact_file, in_words
from experiments.data_schema import DataSchema
from experiments.digests import ChangedFile, checked
from experiments.evaluation.final_metrics import final_metrics
from experiments.evaluation.intervals import interval_of_rows
from experiments.evaluation.metrics import is_share
from experiments.evaluation.row_scores import row_scores
from experiments.models import Artifact, Experiment, Purpose, Trial
from experiments.services.bundles.child_programs import ProgramFailed, run_program
from experiments.services.datasets.cuts import write_rows

SCORE: Final = "experiments.training.child.score"
SECONDS: Final = 600


class ScoringFailed(Exception):
    """The locked rows can't be scored; the message is for people."""


@dataclass(frozen=True, slots=True)
class LockedScores:
    """What models score on `rows` locked rows.

    each: the metrics of every model; scores: their means; intervals: 95 %, from the rows.
    """

    rows: int
    each: tuple[dict[str, float], ...]
    scores: dict[str, float]
    intervals: dict[str, tuple[float, float]]


def locked_scores(trial: Trial, artifacts: Sequence[Artifact]) -> LockedScores:
    """Let a trial's stored models predict its search's locked rows. Raises ScoringFailed, ChangedFile."""
    if not artifacts:
        raise ScoringFailed("The trial's models were deleted.")
    with tempfile.TemporaryDirectory(prefix="reveal-") as work:
        targets, predictions = _predict(trial, artifacts, Path(work))
    return _scores_of(trial.experiment, targets, predictions)


def baseline_scores(search: Experiment) -> list[dict[str, Any]]:
    """What a search's baselines score on the same rows: `Reveal.baselines`."""
    found = [_constant(search)] if search.training_data.is_form else []
    own = search.hypermodel_version_id
    runs = search.follow_ups.filter(purpose=Purpose.BASELINE).select_related(
        "hypermodel_version__hypermodel", "dataset_version"
    )
    for run in runs.order_by("-pk"):
        name = "Default configuration" if run.hypermodel_version_id == own else LINEAR.name
        for each in run.trials.filter(state=Trial.State.COMPLETED):
            each.experiment = run
            found.append({"name": name, **_tried(each)})
    return found


def _tried(trial: Trial) -> dict[str, Any]:
    """Of a baseline's own models; one that can't be scored keeps no reveal from its result."""
    models = list(trial.artifacts.filter(kind=Artifact.Kind.MODEL).order_by("execution__index"))
    try:
        found = locked_scores(trial, models)
    except ChangedFile as changed:
        return {"why": in_words(changed)[:500]}
    except (ScoringFailed, OSError, ValueError, KeyError) as error:
        return {"why": str(error)[:500]}
    return {"scores": found.scores, "intervals": found.intervals}


def _constant(search: Experiment) -> dict[str, Any]:
    """The class frequencies, or the mean, of all rows that aren't locked."""
    targets, tested = _targets(search)
    classes = len(search.dataset_version.schema.get("classes", ()))
    if classes:
        counts = np.bincount(targets.astype(np.int64), minlength=classes)
        answer = counts / counts.sum()
    else:
        answer = np.array([float(np.mean(targets))])
    found = _scores_of(search, tested, [np.repeat(answer[None, :], len(tested), axis=0)])
    name = "Majority class" if classes else "Mean of the training rows"
    return {"name": name, "scores": found.scores, "intervals": found.intervals}


def _scores_of(
    search: Experiment, targets: np.ndarray, predictions: Sequence[np.ndarray]
) -> LockedScores:
    task, classes = (
        search.dataset_version.task,
        len(search.dataset_version.schema.get("classes", ())),
    )
    each = []
    for answers in predictions:
        metrics = final_metrics(task, targets, answers, classes)
        if "*" in metrics.missing:
            raise ScoringFailed(metrics.missing["*"])
        each.append(metrics.values)
    names = [name for name in each[0] if all(name in one for one in each)]
    scores = {name: fmean(one[name] for one in each) for name in names}
    intervals = {}
    for name in names:
        rows = [row_scores(name, task, targets, answers, classes) for answers in predictions]
        known = [one for one in rows if one is not None]
        if len(known) == len(rows):
            found = interval_of_rows(np.mean(known, axis=0), is_share=is_share(name))
            if found.low is not None and found.high is not None:
                intervals[name] = (found.low, found.high)
    return LockedScores(len(targets), tuple(each), scores, intervals)


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
        "models": [str(artifact_file(artifact)) for artifact in artifacts],
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


def _targets(experiment: Experiment) -> tuple[np.ndarray, np.ndarray]:
    """Of the rows that aren't locked, and of those that are."""
    digest = experiment.dataset_version.digest
    targets = storage.load_targets(digest)
    if experiment.protocol.locked_test_share is None:
        return targets, storage.load_own_test_targets(digest)
    locked = storage.load_locked(experiment.split_hash)
    return np.delete(targets, locked, axis=0), targets[locked]


def _lay_out(experiment: Experiment, folder: Path) -> np.ndarray:
    """Write the inputs of the locked rows into a folder; return their targets, which no code gets."""
    digest = experiment.dataset_version.digest
    _, targets = _targets(experiment)
    if experiment.protocol.locked_test_share is None:
        source, rows = storage.own_test_folder(digest), np.arange(len(targets))
    else:
        source, rows = storage.dataset_folder(digest), storage.load_locked(experiment.split_hash)
    folder.mkdir()
    for name in storage.INPUTS:
        if (source / name).exists():
            write_rows(source / name, rows, folder / name)
    shutil.copyfile(checked(source, "schema.json"), folder / "schema.json")
    return targets
