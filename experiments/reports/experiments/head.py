"""Reports: the head of an experiment's page: state, counts, best score, time left. Imports models.

Nothing here costs time that grows with epochs; counting by state is one indexed query.
"""

import math
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef
from django.utils import timezone

from experiments.evaluation.expected_words import ExpectedScore, expected_score
from experiments.models import Execution, Experiment, Trial
from experiments.models.trial import TrialState
from experiments.reports.experiments.time_left import recent_lengths, seconds_left
from experiments.reports.figures import finite
from experiments.reports.winner.baseline_warnings import BaselineWarning, baseline_warnings
from experiments.reports.winner.downloads import Download, download_of
from experiments.reports.winner.recommended import Recommended, recommended

ELSEWHERE = "judged where it ran"  # of searches from elsewhere: nobody recorded how
DRAWN_STATES = ("completed", "pruned", "stopped", "failed", "paused", "running")


@dataclass(frozen=True, slots=True)
class Best:
    """The trial with the best search score; spread is a standard deviation over n executions."""

    number: int
    score: float
    spread: float | None
    n: int
    expected: ExpectedScore


@dataclass(frozen=True, slots=True)
class ExperimentHead:
    """Everything that the head of the page shows and that changes while the experiment runs."""

    state: str
    reason: str
    counts: dict[str, int]
    total: int
    settled: int
    max_trials: int
    percent: int
    parallel: int
    best: Best | None
    recommended: Recommended | None
    download: Download | None
    raced: str
    warnings: tuple[BaselineWarning, ...]
    seconds_used: float
    seconds_left: tuple[float, float] | None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def running(self) -> int:
        return self.counts["running"]

    @property
    def segments(self) -> tuple["Segment", ...]:
        """The progress bar: one stretch for each state, in thousandths of its width."""
        width = 1000 / max(self.max_trials, self.total, 1)
        drawn, left = [], 0.0
        for state in DRAWN_STATES:
            count = self.counts[state]
            if count:
                drawn.append(Segment(state, count, round(left, 2), round(count * width, 2)))
                left += count * width
        return tuple(drawn)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the progress bar."""

    state: str
    count: int
    left: float
    width: float


def experiment_head(experiment: Experiment, now: datetime | None = None) -> ExperimentHead:
    """The head of the experiment's page, in two queries.

    One more for the recommended trial's model, up to three for baselines as good as it, one where trials
    race, and more while its best trials aren't loaded.
    """
    counts = {state: 0 for state in TrialState.values}
    grouped = Trial.objects.filter(experiment=experiment).order_by().values_list("state")
    counts.update(dict(grouped.annotate(count=Count("pk"))))
    settled = sum(counts[state] for state in Trial.TERMINAL)
    used = seconds_used(experiment, now or timezone.now())
    picked = recommended(experiment)
    if picked is not None:
        picked = replace(picked, expected=picked.expected.alone)
    return ExperimentHead(
        state=experiment.state,
        reason=experiment.state_reason,
        counts=counts,
        total=sum(counts.values()),
        settled=settled,
        max_trials=experiment.max_trials,
        percent=_percent(experiment, settled, used),
        parallel=experiment.parallel,
        best=_best(experiment),
        recommended=picked,
        download=download_of(experiment.recommended_trial)
        if picked is not None and experiment.recommended_trial and not experiment.is_elsewhere
        else None,
        raced=raced_words(experiment, settled),
        warnings=baseline_warnings(experiment) if picked is not None else (),
        seconds_used=round(used, 1),
        seconds_left=seconds_left(
            experiment, recent_lengths(experiment), settled, counts["paused"], used
        ),
    )


def raced_words(experiment: Experiment, settled: int) -> str:
    """What fold racing skipped, in a sentence; empty where nothing was. settled: trials so far.

    A trial that was pruned after its first execution lost the race: pruners look at that one only.
    """
    protocol = experiment.protocol
    if not protocol.races or not settled:
        return ""
    first = Execution.objects.filter(
        trial=OuterRef("trial"), index=0, state=Execution.State.COMPLETED
    )
    spared = (
        Execution.objects.filter(trial__experiment=experiment, trial__state=Trial.State.PRUNED)
        .exclude(state=Execution.State.COMPLETED)
        .filter(Exists(first))
        .aggregate(fits=Count("pk"), trials=Count("trial", distinct=True))
    )
    if not spared["fits"]:
        return ""
    fits, trials = settled * protocol.executions, spared["trials"]
    who = "1 trial" if trials == 1 else f"{trials:,} trials"
    return f"Fold racing skipped {spared['fits']:,} of {fits:,} executions of {who} that could not win."


def executions_of(experiment: Experiment) -> int:
    """Executions of each trial: parts times repeats."""
    return experiment.protocol.executions


def protocol_words(experiment: Experiment) -> str:
    """How trials are judged, short enough for a chip."""
    if experiment.is_elsewhere:
        return ELSEWHERE
    protocol = experiment.protocol
    validation = experiment.training_data.validation
    if validation:
        seeds = f" × {protocol.executions} seeds" if protocol.executions > 1 else ""
        return f"{validation}{seeds}"
    return protocol.words


def seconds_used(experiment: Experiment, now: datetime) -> float:
    """Wall-clock time while it ran, the current period included."""
    used = experiment.seconds_used
    if experiment.resumed and experiment.state in Experiment.ACTIVE:
        used += max(0.0, (now - experiment.resumed).total_seconds())
    return used


def _percent(experiment: Experiment, settled: int, used: float) -> int:
    """Of the budget that runs out first."""
    if experiment.state in (Experiment.State.COMPLETED, Experiment.State.IMPORTED):
        return 100
    share = settled / max(1, experiment.max_trials)
    if experiment.budget.max_seconds:
        share = max(share, used / experiment.budget.max_seconds)
    return min(100, math.floor(100 * share))


def _best(experiment: Experiment) -> Best | None:
    trial = experiment.best_trial
    if trial is None or finite(trial.score) is None:
        return None
    score: float = finite(trial.score)
    expected = expected_score(trial.expected, higher_is_better=experiment.direction == "maximize")
    return Best(
        trial.number, score, finite(trial.spread), executions_of(experiment), expected.alone
    )
