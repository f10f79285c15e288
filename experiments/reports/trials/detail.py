"""Reports: everything about one trial for its page. Imports models, catalog and sibling reports."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from experiments.catalog.registry import source_for
from experiments.catalog.template import CatalogError
from experiments.data_schema import DataSchema, SchemaError
from experiments.evaluation.expected_words import ExpectedScore, expected_score
from experiments.evaluation.intervals import Interval, interval
from experiments.evaluation.metrics import metric_of
from experiments.models import Attempt, Execution, Trial
from experiments.reports.experiments.failures import Failure, failure_of
from experiments.reports.figures import finite, finite_list
from experiments.reports.winner.bundle import BundleFiles, bundle_files
from experiments.reports.winner.downloads import Download, download_of
from experiments.reports.winner.recommended import recommended

RATE = "learning_rate"  # recorded beside the metrics where it changes: a setting, none of them


@dataclass(frozen=True, slots=True)
class Setting:
    """One hyperparameter of the trial beside the best trial's value."""

    name: str
    value: Any
    best: Any
    unit: str
    help: str
    fixed: bool

    @property
    def differs(self) -> bool:
        return bool(self.value != self.best)


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric at the scored epochs, mean over executions."""

    name: str
    value: float | None
    best: float | None

    @property
    def difference(self) -> float | None:
        return None if self.value is None or self.best is None else self.value - self.best


@dataclass(frozen=True, slots=True)
class Why:
    """Why a configuration was suggested: a word, a sentence, and the score that its sampler's model expected.

    predicted, uncertainty: a score and its standard deviation; None where no model spoke.
    """

    word: str
    sentence: str
    predicted: float | None
    uncertainty: float | None
    score: float | None

    @property
    def surprise(self) -> float | None:
        """By how much the real score differs from the expected one."""
        if self.score is None or self.predicted is None:
            return None
        return self.score - self.predicted

    @property
    def is_surprising(self) -> bool:
        """Whether it differs by more than two standard deviations."""
        return (
            self.surprise is not None
            and self.uncertainty is not None
            and abs(self.surprise) > 2 * self.uncertainty
        )


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Numbers of the trials before and after."""

    previous: int | None
    following: int | None


@dataclass(frozen=True, slots=True)
class TrialPage:
    """What the trial's page shows; `is_best` when there is nothing to compare with.

    validated: of `Trial.validated`, whose are search score and expected score.
    """

    settings: tuple[Setting, ...]
    measures: tuple[Measure, ...]
    executions: tuple[Execution, ...]
    interval: Interval | None
    validated: Trial | None
    expected: ExpectedScore
    attempts: tuple[Attempt, ...]
    failure: Failure | None
    is_best: bool
    is_recommended: bool
    why: Why
    neighbours: Neighbours
    log: str
    download: Download
    bundle: BundleFiles | None
    source: str
    source_error: str
    planned_epochs: int
    again: tuple[Trial, ...]  # trials of its search that train it again
    repeated: Trial | None  # the trial of its search that it trains again

    @property
    def ended(self) -> int:
        return sum(each.state == Execution.State.COMPLETED for each in self.executions)


def trial_page(trial: Trial) -> TrialPage:
    """Read one trial; the cost grows with its own executions alone."""
    experiment, validated = trial.experiment, trial.validated
    best, picked = experiment.best_trial, recommended(experiment)
    attempts = tuple(trial.attempts.order_by("-number"))
    executions = tuple(trial.executions.order_by("index").defer("history"))
    artifacts = list(trial.artifacts.all())
    source, problem = keras_source(trial)
    return TrialPage(
        settings=_settings(trial, best),
        measures=_measures(trial, best),
        executions=executions,
        interval=_interval(trial, executions),
        validated=validated,
        expected=expected_score(
            validated.expected,
            higher_is_better=validated.experiment.direction == "maximize",
        )
        if validated
        else ExpectedScore(),
        attempts=attempts,
        failure=failure_of(trial),
        is_best=best is not None and best.pk == trial.pk,
        is_recommended=picked is not None and picked.number == trial.number,
        why=why_tried(trial, attempts),
        neighbours=_neighbours(trial),
        log=_log(executions),
        download=download_of(trial),
        bundle=bundle_files(artifacts),
        source=source,
        source_error=problem,
        planned_epochs=_planned(trial) * len(executions),
        again=tuple(repeats_of_trial(trial)),
        repeated=_repeated(trial),
    )


def repeats_of_trial(trial: Trial) -> QuerySet[Trial]:
    """Trials of its search that train it again, in their order; follow-ups count by themselves."""
    return trial.repeated_by.filter(experiment=trial.experiment_id).order_by("number")


def _repeated(trial: Trial) -> Trial | None:
    """The trial of the same search that this one trains again."""
    first = trial.repeats
    return first if first is not None and first.experiment_id == trial.experiment_id else None


def _planned(trial: Trial) -> int:
    """Epochs that each execution may take; scripts elsewhere may mean anything by that name."""
    epochs = trial.values.get("epochs", 0)
    return int(epochs) if isinstance(epochs, int | float) else 0


def _interval(trial: Trial, executions: tuple[Execution, ...]) -> Interval | None:
    """How sure the mean over the executions is; None with fewer than two scores."""
    scores = [execution.score for execution in executions if execution.score is not None]
    overlap = trial.experiment.protocol.overlap
    metric = metric_of(trial.experiment.objective)
    return interval(scores, overlap=overlap, metric=metric) if len(scores) > 1 else None


def why_tried(trial: Trial, attempts: tuple[Attempt, ...] = ()) -> Why:
    """Why this configuration was suggested, and why it was promoted."""
    promotion = next((attempt.why for attempt in attempts if attempt.why), "")
    word = "queued manually" if trial.origin == "hand" else trial.kind
    return Why(
        word=", then ".join(filter(None, (word, promotion and "promoted"))),
        sentence=" ".join(filter(None, (trial.why, promotion))),
        predicted=finite(trial.predicted),
        uncertainty=finite(trial.uncertainty),
        score=finite(trial.score) if trial.state == Trial.State.COMPLETED else None,
    )


def keras_source(trial: Trial) -> tuple[str, str]:
    """The Python source that builds exactly this trial's model, or why there is none."""
    experiment = trial.experiment
    version = experiment.hypermodel_version
    try:
        schema = DataSchema.from_dict(experiment.dataset_version.schema)
        text = source_for(
            version.hypermodel.slug, version.layers, trial.values, schema, experiment.metrics
        )
    except (CatalogError, SchemaError) as error:
        return "", str(error)
    return text, ""


def _settings(trial: Trial, best: Trial | None) -> tuple[Setting, ...]:
    rows = {row["name"]: row for row in trial.space_version.space.get("hyperparameters", [])}
    best_values = best.values if best else {}
    names = [*rows, *(name for name in trial.values if name not in rows)]
    return tuple(
        Setting(
            name=name,
            value=trial.values.get(name),
            best=best_values.get(name),
            unit=rows.get(name, {}).get("unit", ""),
            help=rows.get(name, {}).get("help", ""),
            fixed=rows.get(name, {}).get("type") == "fixed",
        )
        for name in names
        if name in trial.values or name in best_values
    )


def _measures(trial: Trial, best: Trial | None) -> tuple[Measure, ...]:
    best_metrics = best.metrics if best else {}
    ordered = sorted(trial.metrics, key=lambda name: (not name.startswith("val_"), name))
    return tuple(
        Measure(name, finite(trial.metrics[name]), finite(best_metrics.get(name)))
        for name in ordered
        if name != RATE
    )


def _neighbours(trial: Trial) -> Neighbours:
    others = Trial.objects.filter(
        experiment_id=trial.experiment_id, number__in=(trial.number - 1, trial.number + 1)
    )
    found = set(others.values_list("number", flat=True))
    before, after = trial.number - 1, trial.number + 1
    return Neighbours(before if before in found else None, after if after in found else None)


def _log(executions: tuple[Execution, ...]) -> str:
    parts = [
        f"── execution {execution.index + 1} of {len(executions)} ──\n{execution.log.rstrip()}\n"
        for execution in executions
        if execution.log.strip()
    ]
    return "\n".join(parts)


def usage_report(trial: Trial) -> dict[str, Any]:
    """An entry for each execution that has one: at most 120 stretches, so its size is bounded.

    One query. `epoch_seconds` says where each epoch of the curve above ends.
    """
    columns = ("index", "state", "epochs", "seconds", "epoch_seconds", "usage")
    planned = trial.values.get("epochs", 0)
    return {
        "planned": planned if isinstance(planned, int) else 0,
        "executions": [
            {
                **row,
                "seconds": round(row["seconds"], 3),
                "epoch_seconds": finite_list(row["epoch_seconds"], 4),
            }
            for row in trial.executions.order_by("index").values(*columns)
            if row["usage"]
        ],
    }
