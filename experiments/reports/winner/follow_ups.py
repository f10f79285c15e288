"""Reports: what the runs that follow from a search have shown. Imports models and evaluation."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from django.db.models import Prefetch

from experiments.evaluation.intervals import Interval, interval
from experiments.evaluation.metrics import metric_of
from experiments.models import Execution, Experiment, Purpose, Trial
from experiments.reports.figures import finite

Curve = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A trial's mean in the search beside that of its confirmation; None until it has one.

    number: in the search. place: in the confirmation.
    """

    number: int
    place: int
    state: str
    before: Interval | None
    after: Interval | None
    higher_is_better: bool

    @property
    def fall(self) -> float | None:
        """By how much it got worse, positive: the search had been lucky with it."""
        if self.before is None or self.after is None:
            return None
        gap = self.before.mean - self.after.mean
        return gap if self.higher_is_better else -gap


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A confirmation, its trials best first."""

    run: Experiment
    lines: tuple[Confirmed, ...]

    @property
    def optimism(self) -> float | None:
        """The mean fall of its trials; None until one has ended."""
        falls = [line.fall for line in self.lines if line.fall is not None]
        return fmean(falls) if falls else None


@dataclass(frozen=True, slots=True)
class Repeat:
    """A trial beside the same trial run again with the same seeds.

    largest: the largest difference of any value of any epoch, of `metric` at `epoch` of
    `execution` (both 1-based); 0 where all are equal. epochs: compared in all. lengths_differ: an
    execution has another number of epochs, so that the rest can't be compared.
    """

    run: Experiment
    number: int
    state: str
    epochs: int = 0
    largest: float = 0.0
    metric: str = ""
    epoch: int = 0
    execution: int = 0
    lengths_differ: bool = False

    @property
    def is_equal(self) -> bool:
        """Whether every value of every epoch is the same number."""
        return self.epochs > 0 and self.largest == 0.0 and not self.lengths_differ


def runs_of(search: Experiment, purpose: Purpose) -> list[Experiment]:
    """The follow-ups of one purpose, newest first, with their trials and executions loaded."""
    executions = Execution.objects.order_by("index")
    if purpose != Purpose.AGAIN:
        executions = executions.defer("history", "log")
    trials = Trial.objects.order_by("number").select_related("repeats")
    found = search.follow_ups.filter(purpose=purpose).order_by("-pk")
    return list(
        found.select_related("created_by").prefetch_related(
            Prefetch("trials", trials.prefetch_related(Prefetch("executions", executions)))
        )
    )


def confirmations(search: Experiment, scores: dict[int, tuple[float, ...]]) -> list[Confirmation]:
    """Every confirmation; scores: of the search's trials by number, one an execution."""
    overlap = search.protocol.overlap
    runs = runs_of(search, Purpose.CONFIRMATION)
    return [_confirmation(search, run, scores, overlap) for run in runs]


def _confirmation(
    search: Experiment, run: Experiment, scores: dict[int, tuple[float, ...]], overlap: float
) -> Confirmation:
    higher = search.direction == "maximize"
    own, metric = run.protocol.overlap, metric_of(search.objective)
    lines = [
        Confirmed(
            number=trial.repeats.number,
            place=trial.number,
            state=trial.state,
            before=interval(scores.get(trial.repeats.number, ()), overlap=overlap, metric=metric),
            after=interval(scores_of(trial), overlap=own, metric=metric)
            if finite(trial.score)
            else None,
            higher_is_better=higher,
        )
        for trial in run.trials.all()
        if trial.repeats is not None
    ]
    sign = -1.0 if higher else 1.0
    lines.sort(key=lambda line: (line.after is None, sign * line.after.mean if line.after else 0))
    return Confirmation(run, tuple(lines))


def scores_of(trial: Trial) -> tuple[float, ...]:
    """The scores of a trial's executions, in their order."""
    return tuple(each.score for each in trial.executions.all() if each.score is not None)


def repeats_of(search: Experiment, number: int | None = None) -> list[Repeat]:
    """Trials that were run again, newest first; of one trial or of all."""
    found = []
    for run in runs_of(search, Purpose.AGAIN):
        for trial in run.trials.all():
            if trial.repeats is not None and number in (None, trial.repeats.number):
                found.append(_repeat(run, trial, trial.repeats))
    return found


def _repeat(run: Experiment, trial: Trial, first: Trial) -> Repeat:
    if trial.state != Trial.State.COMPLETED:
        return Repeat(run, first.number, trial.state)
    before = {each.index: each for each in first.executions.order_by("index")}
    epochs, differs = 0, False
    worst: tuple[float, str, int, int] = (0.0, "", 0, 0)
    for again in trial.executions.all():
        once = before.get(again.index)
        if once is None:
            continue
        differs = differs or once.epochs != again.epochs
        epochs += min(once.epochs, again.epochs)
        worst = max(worst, _largest(once.history, again.history, again.index + 1))
    gap, metric, epoch, execution = worst
    return Repeat(run, first.number, trial.state, epochs, gap, metric, epoch, execution, differs)


def _largest(
    one: dict[str, Any], other: dict[str, Any], execution: int
) -> tuple[float, str, int, int]:
    """Largest difference, metric, epoch and execution; of metrics that both have."""
    worst: tuple[float, str, int, int] = (0.0, "", 0, 0)
    for metric in sorted(set(one) & set(other)):
        for epoch, (a, b) in enumerate(zip(one[metric], other[metric], strict=False), start=1):
            gap = _gap(a, b)
            if gap > worst[0]:
                worst = (gap, metric, epoch, execution)
    return worst


def _gap(a: float | None, b: float | None) -> float:
    """The difference; infinite where only one of them is a number."""
    if a is None or b is None:
        return 0.0 if a is b else float("inf")
    return abs(a - b)
