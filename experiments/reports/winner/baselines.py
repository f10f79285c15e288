"""Reports: the baselines of a search, and whether the winner is better. Imports models, storage and evaluation.

A constant prediction needs no training: it is scored here, on the folds of the search.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import fmean
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from django.db.models import F

from experiments import storage
from experiments.catalog.plan_metrics import tested_metric
from experiments.data_schema import DataSchema
from experiments.evaluation.final_metrics import final_metrics
from experiments.evaluation.score_rules import kept_weights, scores_at_others_epochs
from experiments.evaluation.statistical_ties import beats, improvement
from experiments.models import Experiment, Purpose, Trial
from experiments.reports.figures import finite
from experiments.reports.winner.downloads import ModelFile, downloads
from experiments.reports.winner.follow_ups import runs_of, scores_of
from experiments.search.space.space import Space

Array = npt.NDArray[Any]
NO_TEST: Final = "One execution a trial, and no predictions to test on."


def fair_scores(search: Experiment, trial: Trial) -> tuple[float, ...]:
    """One score an execution, without the luck of having picked its own best epoch.

    Where the score is no best epoch, or a curve of the objective is missing, the stored scores.
    """
    scores = scores_of(trial)
    if kept_weights(search.score_rule) != "best" or len(scores) < 2:
        return scores
    ended = [each for each in trial.executions.all() if each.score is not None]
    curves = [each.history.get(search.objective, ()) for each in ended]
    if not all(any(finite(value) is not None for value in curve) for curve in curves):
        return scores
    higher = search.direction == "maximize"
    return tuple(scores_at_others_epochs(curves, higher_is_better=higher))


class Kind(NamedTuple):
    """What is trained as a baseline. phrase: its name inside of a sentence."""

    name: str
    phrase: str
    words: str


LINEAR: Final = Kind("Linear model", "a linear model", "One layer from inputs to outputs.")
DEFAULT: Final = Kind(
    "Default configuration",
    "the default configuration",
    "The model with its default hyperparameters.",
)


@dataclass(frozen=True, slots=True)
class Baseline:
    """One baseline; phrase: its name inside of a sentence. scores: one an execution.

    trial: that was trained for it, in `run` or in the search itself; None: nothing was trained.
    gain: of the winner over it, positive when the winner is better: of the scores expected on new rows where
    both are known. beaten: by a paired test that pays for the choice among trials, None where there is
    none, for which `why` has the reason. wins: it is better than the winner, by the same test with the roles
    exchanged. is_winner: it is the winner itself, which has none of these. expected: its
    score at epochs that other rows or parts chose. model: to download, where something was trained.
    """

    name: str
    phrase: str
    words: str
    state: str
    scores: tuple[float, ...] = ()
    run: Experiment | None = None
    trial: Trial | None = None
    gain: float | None = None
    beaten: bool | None = None
    wins: bool | None = None
    why: str = ""
    expected: float | None = None
    is_winner: bool = False
    model: ModelFile | None = None

    @property
    def mean(self) -> float | None:
        return fmean(self.scores) if self.scores else None


def baselines(
    search: Experiment, winner: Trial, scores: Sequence[float], *, looks: int
) -> list[Baseline]:
    """Every baseline beside the winner: as `compared`, or as it was stored with the winner."""
    found = compared(search, winner, scores, looks=looks)
    if winner.pk != search.recommended_trial_id:
        return found
    stored = {each["name"]: each for each in search.winner.get("baselines", ())}
    return [
        _as_stored(each, stored[each.name])
        if each.name in stored and stored[each.name]["trial"] == (each.trial and each.trial.pk)
        else each
        for each in found
    ]


def _as_stored(each: Baseline, stored: dict[str, Any]) -> Baseline:
    beaten = {"better": True, "undecided": False, "worse": False}.get(stored["outcome"])
    return replace(
        each,
        gain=stored["gain"],
        beaten=beaten,
        wins=stored.get("wins"),
        why=stored["why"],
        expected=stored["expected"],
    )


def compared(
    search: Experiment, winner: Trial, scores: Sequence[float], *, looks: int
) -> list[Baseline]:
    """Every baseline beside the winner's scores of executions; looks: trials that it is the best of."""
    found = [_constant(search), *_with_defaults(search, _trained(search), winner)]
    return [
        replace(each, is_winner=True)
        if each.trial == winner
        else _beside(search, each, winner, scores, looks)
        for each in _with_models(found)
    ]


def _with_models(found: Sequence[Baseline | None]) -> list[Baseline]:
    models = downloads([each.trial for each in found if each and each.trial])
    return [
        replace(each, model=models[each.trial.pk].first) if each.trial else each
        for each in found
        if each is not None
    ]


def _beside(
    search: Experiment, each: Baseline, winner: Trial, scores: Sequence[float], looks: int
) -> Baseline:
    if each.mean is None or not scores:
        return each
    higher = search.direction == "maximize"
    gain = improvement(fmean(scores), each.mean, higher_is_better=higher)
    own = fair_scores(search, winner)
    its = each.scores if each.trial is None else fair_scores(search, each.trial)
    better = partial(beats, higher_is_better=higher, overlap=search.protocol.overlap)
    beaten = better(own, its, looks=looks)
    why = "" if beaten is not None else NO_TEST
    return replace(each, gain=gain, beaten=beaten, wins=better(its, own), why=why)


def constant_answers(search: Experiment) -> list[tuple[Array, Array, Array]]:
    """Of each part: its validation rows, their targets, and the same prediction for all of them.

    The class frequencies, or the mean, of the part's training rows. Empty where nothing scores it, and for
    rows of the code: the site doesn't have them.
    """
    if search.training_data.is_form is not True:
        return []
    version = search.dataset_version
    has_split = storage.split_file(search.split_hash).exists()
    if not search.objective.startswith("val_") or not has_split:
        return []
    file = storage.dataset_folder(version.digest) / "y.npy"
    targets = np.load(file, mmap_mode="r", allow_pickle=False)
    if targets.ndim != 1:
        return []
    classes = len(version.schema.get("classes", ()))
    return [
        (
            validation,
            np.asarray(targets[validation]),
            np.repeat(_answer(targets[train], classes)[None, :], len(validation), axis=0),
        )
        for train, validation in storage.load_parts(search.split_hash)
    ]


def _constant(search: Experiment) -> Baseline | None:
    answers = constant_answers(search)
    if not answers:
        return None
    version = search.dataset_version
    name = tested_metric(search.objective, DataSchema.from_dict(version.schema))
    classes = len(version.schema.get("classes", ()))
    scores = []
    for _, targets, said in answers:
        metrics = final_metrics(version.task, targets, said, classes)
        if name not in metrics.values:
            return None
        scores.append(metrics.values[name])
    words = "majority class" if classes else "mean of the training rows"
    repeats = search.protocol.repeats
    same = "The same prediction for every row."
    return Baseline(words.capitalize(), f"the {words}", same, "completed", (*scores * repeats,))


def _answer(targets: np.ndarray, classes: int) -> np.ndarray:
    if not classes:
        return np.array([float(np.mean(targets))])
    counts = np.bincount(targets.astype(np.int64), minlength=classes)
    return np.asarray(counts / counts.sum())


def _trained(search: Experiment) -> list[Baseline]:
    return [
        _of_trial(_kind(search, run.hypermodel_version_id), trial, run=run)
        for run in reversed(runs_of(search, Purpose.BASELINE))
        # A linear model saw the form's dataset.
        if search.training_data.is_form
        or run.hypermodel_version_id == search.hypermodel_version_id
        for trial in run.trials.all()
    ]


def _with_defaults(search: Experiment, trained: list[Baseline], winner: Trial) -> list[Baseline]:
    """The trained baselines, with the search's own trial of the default values where the run is no use.

    That is where this trial is the winner, of which a repeat says nothing, or the run has no score.
    """
    space = Space.from_dict(search.space_versions.order_by("-number")[0].space)
    key = space.key(space.defaults())
    tried = (
        winner
        if winner.values_key == key
        else search.trials.filter(values_key=key).order_by("number").first()
    )
    has_run = any(each.name == DEFAULT.name and each.scores for each in trained)
    if tried is None or (has_run and tried != winner):
        return trained
    kind = DEFAULT._replace(words=f"Trial {tried.number} of the search.")
    others = [each for each in trained if each.name != DEFAULT.name]
    return [*others, _of_trial(kind, tried)]


def _of_trial(kind: Kind, trial: Trial, run: Experiment | None = None) -> Baseline:
    scores = scores_of(trial) if finite(trial.score) is not None else ()
    return Baseline(kind.name, kind.phrase, kind.words, trial.state, scores, run, trial)


def _kind(search: Experiment, recipe: int) -> Kind:
    return DEFAULT if recipe == search.hypermodel_version_id else LINEAR


@dataclass(frozen=True, slots=True)
class BaselineRow:
    """A baseline's newest score; `behind`: its difference to the best trial's."""

    name: str
    experiment: str  # code
    number: int
    score: float
    spread: float | None
    behind: float | None


def baseline_rows(search: Experiment) -> tuple[BaselineRow, ...]:
    """The newest run of each kind: a linear model, the template's default values."""
    trials = Trial.objects.filter(
        experiment__follows=search, experiment__purpose=Purpose.BASELINE, score__isnull=False
    )
    rows = trials.order_by("pk").values(
        *("number", "score", "spread"),
        code=F("experiment__code"),
        recipe=F("experiment__hypermodel_version"),
    )
    best = search.best_trial.score if search.best_trial else None
    found: dict[str, BaselineRow] = {}
    for row in rows:
        name = _kind(search, row["recipe"]).name
        score = finite(row["score"])
        if score is None:
            continue
        found[name] = BaselineRow(
            name=name,
            experiment=str(row["code"]),
            number=row["number"],
            score=score,
            spread=finite(row["spread"]),
            behind=None if best is None else score - best,
        )
    return tuple(found.values())
