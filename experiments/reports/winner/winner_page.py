"""Reports: the Winner tab: trials statistically tied with the best, baselines, follow-ups, test score. Imports models."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from experiments.evaluation.expected_words import ExpectedScore, expected_score
from experiments.evaluation.intervals import Interval, interval
from experiments.evaluation.metrics import metric_of
from experiments.models import Execution, Experiment, Purpose, Trial
from experiments.reports.figures import finite
from experiments.reports.trials.detail import repeats_of_trial
from experiments.reports.winner.baselines import Baseline, baselines
from experiments.reports.winner.downloads import ModelFile, downloads
from experiments.reports.winner.follow_ups import (
    Confirmation,
    Repeat,
    confirmations,
    repeats_of,
    runs_of,
)
from experiments.reports.winner.locked_test import LockedTest, locked_test
from experiments.reports.winner.recommended import Recommended, recommended

SHOWN_TIED = 20


@dataclass(frozen=True, slots=True)
class Tied:
    """A trial statistically tied with the best. epoch_seconds: training time of an epoch.

    model: of its best execution, to download.
    """

    trial: Trial
    interval: Interval | None
    epoch_seconds: float | None
    model: ModelFile | None
    expected: ExpectedScore
    is_winner: bool


@dataclass(frozen=True, slots=True)
class Refit:
    """A trial trained on all but the test rows: what people should download."""

    run: Experiment
    trial: Trial
    number: int
    model: ModelFile | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """All of the Winner tab. tied_count: of all tied trials, of which the first are shown. tested_rows:
    validation rows that the ties were tested on, 0 where the scores of executions were.

    tried: trials that ended with a score or were pruned for theirs, repeats left out, so that the winner
    is the best of so many.

    validation: the winner's exact metrics by name, mean over its executions. again: what it scored
    when the search trained it again.
    """

    winner: Recommended
    trial: Trial
    interval: Interval | None
    executions: int
    compared: int
    tried: int
    tied: tuple[Tied, ...]
    tied_count: int
    tested_rows: int
    baselines: tuple[Baseline, ...]
    confirmations: tuple[Confirmation, ...]
    repeats: tuple[Repeat, ...]
    refits: tuple[Refit, ...]
    locked: LockedTest
    validation: dict[str, float]
    again: tuple[float, ...] = ()

    @property
    def is_tested(self) -> bool:
        """Whether there was anything to test ties with."""
        return self.executions > 1 or self.tested_rows > 0

    @property
    def tested_on(self) -> str:
        """What paired tests were made on: "288 validation rows", "5 executions"."""
        if self.tested_rows:
            return f"{self.tested_rows:,} validation rows"
        return f"{self.executions} executions"

    @property
    def confirmed(self) -> Interval | None:
        """The winner's interval in the newest confirmation that has it."""
        for confirmation in self.confirmations:
            for line in confirmation.lines:
                if line.number == self.winner.number and line.after is not None:
                    return line.after
        return None


def verdict(experiment: Experiment) -> Verdict | None:
    """Everything that is known of the winner; None before one is named."""
    picked = recommended(experiment)
    if picked is None:
        return None
    stored = experiment.winner
    numbers = [picked.number, *(n for n in stored.get("tied", ()) if n != picked.number)]
    shown = list(_with_scores(experiment, numbers[:SHOWN_TIED]))
    scores = {trial.number: _scores(trial) for trial in shown}
    models = downloads(shown)
    overlap = experiment.protocol.overlap
    trial = shown[0]
    tried = experiment.trials.filter(state__in=Trial.JUDGED, repeats=None).count()
    confirmed = confirmations(experiment, scores | _scores_of_repeated(experiment, scores))
    return Verdict(
        winner=picked,
        trial=trial,
        interval=interval(
            scores[trial.number], overlap=overlap, metric=metric_of(experiment.objective)
        ),
        executions=int(stored.get("executions", 1)),
        compared=int(stored.get("compared", picked.scored)),
        tried=tried,
        tied=tuple(
            _tied(
                each,
                scores[each.number],
                overlap,
                picked.number,
                models[each.pk].own,
                higher_is_better=experiment.direction == "maximize",
            )
            for each in shown
        ),
        tied_count=int(stored.get("tied_count", 1)),
        tested_rows=int(stored.get("rows", 0)),
        baselines=tuple(baselines(experiment, trial, scores[trial.number], looks=tried)),
        confirmations=tuple(confirmed),
        repeats=tuple(repeats_of(experiment)),
        refits=tuple(_refits(experiment)),
        locked=locked_test(experiment, trial),
        validation=_validation(trial),
        again=_scores_again(trial),
    )


def _scores_again(trial: Trial) -> tuple[float, ...]:
    repeats = repeats_of_trial(trial).filter(state=Trial.State.COMPLETED)
    found = repeats.values_list("score", flat=True)
    return tuple(score for each in found if (score := finite(each)) is not None)


def worth_confirming(experiment: Experiment, found: Verdict, count: int) -> list[int]:
    """Numbers of the first members of the tie group, filled up with the next best scores."""
    tied = [each.trial.number for each in found.tied[:count]]
    scored = experiment.trials.filter(Trial.SCORED)
    sign = "-" if experiment.direction == "maximize" else ""
    best = scored.order_by(f"{sign}score", "number").values_list("number", flat=True)[:count]
    return list(dict.fromkeys([*tied, *best]))[:count]


def _with_scores(experiment: Experiment, numbers: Sequence[int]) -> list[Trial]:
    found = {
        trial.number: trial
        for trial in experiment.trials.filter(number__in=numbers).prefetch_related("executions")
    }
    return [found[number] for number in numbers if number in found]


def _scores(trial: Trial) -> tuple[float, ...]:
    executions = sorted(trial.executions.all(), key=lambda each: each.index)
    return tuple(score for each in executions if (score := finite(each.score)) is not None)


def _validation(trial: Trial) -> dict[str, float]:
    """Exact metrics that every execution has."""
    exact = [each.exact["values"] for each in trial.executions.all() if each.exact]
    names = [name for name in exact[0] if all(name in one for one in exact)] if exact else []
    return {name: fmean(one[name] for one in exact) for name in names}


def _scores_of_repeated(
    experiment: Experiment, known: dict[int, tuple[float, ...]]
) -> dict[int, tuple[float, ...]]:
    """Scores in the search of trials that were confirmed and aren't shown."""
    repeated = Trial.objects.filter(
        experiment=experiment, repeated_by__experiment__purpose=Purpose.CONFIRMATION
    ).exclude(number__in=known)
    rows = Execution.objects.filter(trial__in=repeated, score__isnull=False)
    found: dict[int, tuple[float, ...]] = {}
    for number, score in rows.order_by("trial", "index").values_list("trial__number", "score"):
        found[number] = (*found.get(number, ()), float(score or 0.0))
    return found


def _tied(
    trial: Trial,
    scores: tuple[float, ...],
    overlap: float,
    winner: int,
    model: ModelFile | None,
    *,
    higher_is_better: bool,
) -> Tied:
    return Tied(
        trial=trial,
        interval=interval(scores, overlap=overlap, metric=metric_of(trial.experiment.objective))
        if scores
        else None,
        epoch_seconds=trial.seconds / trial.epochs if trial.epochs and trial.seconds else None,
        model=model,
        expected=expected_score(trial.expected, higher_is_better=higher_is_better),
        is_winner=trial.number == winner,
    )


def _refits(experiment: Experiment) -> list[Refit]:
    runs = runs_of(experiment, Purpose.REFIT)
    trials = [(run, each) for run in runs for each in run.trials.all() if each.repeats]
    models = downloads([each for _, each in trials])
    return [
        Refit(run, each, each.repeats.number, models[each.pk].own)
        for run, each in trials
        if each.repeats
    ]
