"""The model card of a bundle."""

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.template.loader import render_to_string

from experiments import storage
from experiments.catalog.registry import CATALOG, template_of
from experiments.evaluation.expected_words import ExpectedScore, expected_score
from experiments.evaluation.intervals import interval
from experiments.evaluation.metrics import in_order, metric_of
from experiments.evaluation.protocol import ALL_ROWS, Protocol
from experiments.models import Execution, Experiment, Reveal
from experiments.models.baselines_ahead import BaselineAhead, baselines_ahead
from experiments.models.seen_rows import seen_earlier, seen_split
from experiments.models.trained_weights import origin
from experiments.models.training_data import OWN_VALIDATION, TrainingData
from experiments.services.bundles.contents import Subject, pins, training_of

TEMPLATE = "bundle/MODEL_CARD.md"
NO_TEST = "No test set was held out."
READS_TEST = "The script read the dataset's own test set, so that was not held out."


def model_card(subject: Subject, formats: Mapping[str, Mapping[str, Any]]) -> str:
    """Write MODEL_CARD.md: data, protocol, every execution's value, versions, licence.

    formats: as `bundle_files.Draft` has them.
    """
    experiment, trial = subject.experiment, subject.trial
    recipe = experiment.hypermodel_version
    overlap = experiment.protocol.overlap
    validated = trial.validated
    executions = list(trial.executions.filter(state=Execution.State.COMPLETED).order_by("index"))
    return render_to_string(
        TEMPLATE,
        {
            "subject": subject,
            "trial": trial,
            "warnings": _warnings(subject),
            "expected": expected_of(subject),
            "experiment": experiment,
            "validated": validated,
            "validated_executions": validated.executions.filter(score__isnull=False).count()
            if validated
            else 0,
            "further": [
                (each, validated.metrics.get(each.name)) for each in validated.experiment.further
            ]
            if validated
            else [],
            "schema": subject.schema,
            "model": template_of(recipe.hypermodel.slug, recipe.layers),
            "is_from_catalog": recipe.hypermodel.slug in CATALOG,
            "protocol": protocol_lines(experiment),
            "origin": origin(experiment, subject.execution),
            "is_refit": experiment.protocol.kind == ALL_ROWS,
            "source": trial.repeats,
            "looks": [(each, seen_earlier(each)) for each in reveals_of(subject)],
            "seen": _seen(experiment),
            "values": sorted(trial.values.items()),
            "executions": executions,
            "overlap": overlap,
            "interval": interval(
                [each.score for each in executions if each.score is not None],
                overlap=overlap,
                metric=metric_of(experiment.objective),
            ),
            "metrics": sorted(
                (name, value)
                for name, value in subject.execution.metrics.items()
                if isinstance(value, int | float) and math.isfinite(value)
            ),
            "training": training_of(subject),
            "versions": pins(trial.environment),
            "device": subject.execution.device,
            "formats": formats,
            "licence": subject.dataset.licence or "not stated",
        },
    )


def expected_of(subject: Subject) -> ExpectedScore:
    """Of the trial on new rows; of a follow-up, that of the trial that it repeats."""
    scored = subject.trial.repeats or subject.trial
    higher = scored.experiment.direction == "maximize"
    return expected_score(scored.expected, higher_is_better=higher)


def scores_of(subject: Subject) -> dict[str, Any]:
    """As the manifest has them; training_loss: of a refit, whose search score is that of the trial it repeats."""
    trial, validated = subject.trial, subject.trial.validated
    own = {} if validated == trial else {"training_loss": trial.score}
    return {
        "objective": validated.experiment.objective if validated else "",
        "search": validated.score if validated else None,
        "expected_on_new_rows": asdict(expected_of(subject)),
        **own,
    }


def _warnings(subject: Subject) -> list[BaselineAhead]:
    """Baselines that are at least as good, where the model is that of the winner."""
    scored = subject.trial.repeats or subject.trial
    search = scored.experiment
    return baselines_ahead(search) if search.recommended_trial_id == scored.pk else []


def reveals_of(subject: Subject) -> list[Reveal]:
    """Every reveal that was scored, of the search that the trial belongs to, or follows."""
    search = subject.experiment.follows or subject.experiment
    scored = search.reveals.filter(state=Reveal.State.READY)
    reveals = list(scored.select_related("trial", "revealed_by").order_by("number"))
    for each in reveals:
        each.scores = in_order(each.scores)
    return reveals


def _seen(experiment: Experiment) -> tuple[str, ...]:
    """Which rows of the split reveals in the project showed."""
    if experiment.training_data.why_not_locked:
        return ()
    digest, own_test = experiment.dataset_version.digest, experiment.locks_own_test
    try:
        locked = storage.load_locked(experiment.split_hash)
        content = storage.split_content(digest, locked, own_test=own_test)
    except FileNotFoundError:
        return ()
    return seen_split(experiment.project, *content).warnings


def protocol_lines(experiment: Experiment) -> list[str]:
    """Say in sentences how the trial was judged."""
    protocol, data = experiment.protocol, experiment.training_data
    is_refit = protocol.kind == ALL_ROWS
    if data.validation or (is_refit and data.why_not_locked):
        lines = [_own_rows_line(data, is_refit=is_refit), _seeds_line(protocol.executions)]
    else:
        lines = [
            f"{_parts_line(protocol)}{_split_by_words(protocol)}.",
            _seeds_line(protocol.repeats, " on each fold" * (protocol.parts_count > 1)),
        ]
    return [*lines, _test_line(experiment)]


def _test_line(experiment: Experiment) -> str:
    data, share = experiment.training_data, experiment.protocol.locked_test_share
    if data.why_not_locked:
        return data.why_not_locked
    if share == 0:
        return NO_TEST
    if data.validation:
        return (
            "The code provided its own rows: whether they include rows of the "
            "locked test set is unknown."
        )
    if share is not None:
        return (
            f"A test set of {share:.0%} of the rows was locked and not used to choose the model."
        )
    if experiment.locks_own_test:
        return "The dataset's own test set was locked and not used to choose the model."
    return READS_TEST


def _own_rows_line(data: TrainingData, *, is_refit: bool) -> str:
    """Of code that names its validation rows: it is taken at its word, and no share counts."""
    if is_refit:
        return (
            "The model was trained on all training rows of the code, for the epochs "
            "that the search had found, without validation."
        )
    rest = "all its training rows" if data.validation == OWN_VALIDATION else "the rows before them"
    return f"Each trial had {data.validation} and was trained on {rest}."


def _seeds_line(seeds: int, where: str = "") -> str:
    return f"Each trial was trained with {seeds} seed{'s' * (seeds != 1)}{where}."


def _split_by_words(protocol: Protocol) -> str:
    return {
        "none": "",
        "classes": " (stratified by class)",
        "groups": f" (grouped by {protocol.column})",
        "stratified_groups": f" (grouped by {protocol.column} and stratified by class)",
        "time": f" (ordered by {protocol.column}: validation rows are later than training rows)",
    }[protocol.respecting]


def _parts_line(protocol: Protocol) -> str:
    share = f"{protocol.validation_share:.0%} of the rows"
    if protocol.kind == "k_fold" and protocol.respecting == "time":
        return (
            f"The rows were split into {protocol.folds + 1} blocks of time; each block "
            "but the first validated a model trained on all earlier blocks"
        )
    return {
        "holdout": f"{share}, drawn once, validated every trial",
        "k_fold": f"The rows were split into {protocol.folds} folds, the same for "
        "every trial; each fold validated a model trained on the others",
        "subsampling": f"In each of {protocol.rounds} rounds, the same for every "
        f"trial, {share} outside the test set validated a model trained "
        "on the rest",
        "fixed": "The dataset's own validation set validated every trial",
        ALL_ROWS: "The model was trained on all rows except the test set, for the "
        "epochs that the search had found, without validation",
    }[protocol.kind]
