"""Writes to external trials: start, epochs, completion, search space."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from experiments.evaluation.score_rules import value_at
from experiments.models import Attempt, Execution, Experiment, Trial
from experiments.search.history import Values
from experiments.search.space.space import Space
from experiments.services.experiments.states import lock_experiment
from experiments.services.external.searches import grow_space, newest_space, settle_objective
from experiments.services.trials.executions import NoScore, Scoring, Update, record_epochs
from experiments.services.trials.leases import Lease, hold
from experiments.services.trials.lifecycle import Proposal, check_room, insert_trial, settle_trial

PROBE: Final = "The script runs with its own defaults and reports its search space."
REPEAT: Final = (
    "The script runs with its own defaults while another script reports the search "
    "space; the difference of the two scores is noise."
)
State = Trial.State
Metrics = Mapping[str, float | None]
MOST_EPOCHS: Final = 100_000
MOST_METRICS: Final = 100
MOST_PROBES: Final = 3
REPEATS_SHARE: Final = 10  # of so many trials one may repeat the defaults


class ObjectiveMissing(Exception):
    """The metrics of a trial that ended lack what ranks the trials. names: those that came."""

    def __init__(self, objective: str, names: Sequence[str]) -> None:
        listed = ", ".join(names) or "none"
        super().__init__(
            f"The objective {objective} isn't among the reported metrics: {listed}. "
            f"Report {objective} too, or choose another objective."
        )
        self.objective = objective
        self.names = tuple(names)


class NoSpace(Exception):
    """Scripts ran with their defaults several times, and none reported a hyperparameter."""

    def __init__(self) -> None:
        super().__init__(
            f"{MOST_PROBES} trials ran with the defaults of their script, but none "
            "reported a search space. Define the space when you create the "
            "experiment, or check the script's console."
        )


class TooMuch(Exception):
    """More epochs or metrics than a trial may have; the text says how many."""


@dataclass(frozen=True, slots=True)
class ReportedEpoch:
    """An epoch as a script reported it: 1-based; None marks a value that was no finite number.

    seconds: how long it took; None: nobody measured it.
    """

    epoch: int
    metrics: Metrics
    seconds: float | None = None


def begin_outside(lease: Lease, *, environment: Mapping[str, Any] | None = None) -> None:
    """Start a trial at its first epoch; epochs of an earlier try are deleted. Raises: Fenced."""
    with transaction.atomic():
        hold(lease, epochs=0, seconds=0.0, environment=dict(environment or {}))
        Execution.objects.filter(trial=lease.trial).update(
            state=State.RUNNING,
            history={},
            epochs=0,
            epoch_seconds=[],
            seconds=0.0,
            metrics={},
            started=Now(),
            ended=None,
        )


def name_instance(lease: Lease, instance: str) -> None:
    """Note which process of that name has it."""
    Attempt.objects.filter(token=lease.token).update(instance=instance[:64])


def record_reported(lease: Lease, reported: Sequence[ReportedEpoch]) -> int:
    """Add new epochs and return how many the trial has. Raises: Fenced, TooMuch.

    Repeated epochs are ignored; missing epochs remain gaps. The lease is renewed in any case.
    """
    with transaction.atomic():
        hold(lease)
        row = Execution.objects.get(trial=lease.trial, index=0)
        new = {each.epoch: each for each in reported if each.epoch > row.epochs}
        if not new:
            return row.epochs
        last = max(new)
        history: dict[str, list[float | None]] = {
            name: list(values) for name, values in row.history.items()
        }
        names = dict.fromkeys(
            [*history, *(name for each in new.values() for name in each.metrics)]
        )
        if last > MOST_EPOCHS or len(names) > MOST_METRICS:
            raise TooMuch(
                f"A trial can have at most {MOST_EPOCHS:,} epochs and {MOST_METRICS} "
                f"metrics; got {last:,} and {len(names)}."
            )
        for name in names:
            known = history.get(name, [None] * row.epochs)
            history[name] = known + [
                finite_or_none(new[epoch].metrics.get(name)) if epoch in new else None
                for epoch in range(row.epochs + 1, last + 1)
            ]
        took = _seconds(row, new, last)
        seconds = round(row.seconds + sum(took), 4)
        record_epochs(
            lease, [Update(row.pk, history, last, seconds, None, [*row.epoch_seconds, *took])]
        )
        settle_objective(lock_experiment(lease.experiment), list(history), for_good=False)
        return last


def _seconds(row: Execution, new: Mapping[int, ReportedEpoch], last: int) -> list[float]:
    """How long each epoch took: as reported, else its share of the time since the last one."""
    since = 0.0
    if row.started is not None:
        since = max(0.0, (timezone.now() - row.started).total_seconds() - row.seconds)
    share = since / (last - row.epochs)
    found = []
    for epoch in range(row.epochs + 1, last + 1):
        seconds = new[epoch].seconds if epoch in new else None
        found.append(round(share if seconds is None else seconds, 4))
    return found


def complete_outside(lease: Lease, metrics: Metrics, *, best_epoch: int | None = None) -> Trial:
    """The script is done: its score is the reported one, else that of its curve. Raises Fenced.

    metrics: of the whole trial; empty: those of the curve at the epochs that count.

    Raises: NoScore where the objective is no finite number, ObjectiveMissing where it was not reported;
    nothing is written then.
    """
    with transaction.atomic():
        hold(lease)
        experiment = lock_experiment(lease.experiment)
        row = Execution.objects.get(trial=lease.trial, index=0)
        names = list(dict.fromkeys([*metrics, *row.history]))
        settle_objective(experiment, names, for_good=True)
        objective = experiment.objective
        if objective not in names:
            raise ObjectiveMissing(objective, names)
        found: dict[str, float | None] = {}
        counted: list[int] = []
        if any(value is not None for value in row.history.get(objective, ())):
            rule = Scoring(objective, experiment.direction, experiment.score_rule)
            counted = rule.epochs(row.history)
            found = {name: value_at(values, counted) for name, values in row.history.items()}
        found |= {name: finite_or_none(value) for name, value in metrics.items()}
        score = found.get(objective)
        if score is None:
            raise NoScore(f"{objective} was NaN.")
        seconds = row.seconds
        if not seconds and row.started is not None:
            seconds = (timezone.now() - row.started).total_seconds()
        Execution.objects.filter(pk=row.pk).update(
            state=State.COMPLETED,
            metrics=found,
            score=score,
            best_epoch=best_epoch or (counted[-1] if counted else None),
            seconds=max(0.0, seconds),
            ended=Now(),
        )
        Attempt.objects.filter(token=lease.token).update(progressed=True)
        return settle_trial(lease)


def add_probe(experiment_pk: int, *, repeats: bool) -> Trial | None:
    """A trial without values, by which a script reports its space; None: wait for the one that runs.

    repeats: a script that comes while another one's probe runs would idle for a whole training. Of a
    budget of ten trials or more a tenth may repeat the defaults instead: how far their scores lie
    apart is noise.

    Raises: SlotsTaken, BudgetSpent by the caller's verdict, NoSpace when too many reported none.
    """
    with transaction.atomic():
        experiment = lock_experiment(experiment_pk)
        check_room(experiment)
        version, space = newest_space(experiment)
        probes = experiment.trials.filter(origin=Trial.PROBE)
        count = probes.count()
        is_repeat = probes.filter(state__in=[State.RUNNING, State.WAITING]).exists()
        most = experiment.max_trials // REPEATS_SHARE if repeats else 0
        if space.hyperparameters or (is_repeat and count > most):
            return None
        if count >= MOST_PROBES and not is_repeat:
            raise NoSpace
        return insert_trial(
            experiment,
            Proposal(
                number=experiment.trials.count(),
                space_version=version.pk,
                values={},
                values_key=space.key({}),
                why=REPEAT if is_repeat else PROBE,
                origin=Trial.PROBE,
            ),
        )


def learn(lease: Lease, reported: Space, values: Values) -> None:
    """Store the space and the values that a script reported of its trial. Raises Fenced, SpaceError.

    The space grows by what it lacks. A probe takes the values; a proposed trial keeps those that
    were proposed, since its suggestion must follow from the record, and notes the others beside.
    """
    with transaction.atomic():
        hold(lease)
        experiment = lock_experiment(lease.experiment)
        version = grow_space(experiment, reported)
        trial = Trial.objects.get(pk=lease.trial)
        space = Space.from_dict(version.space)
        kept = space.canonical(values)
        if trial.origin == Trial.PROBE:
            Trial.objects.filter(pk=trial.pk).update(
                values=kept, values_key=space.key(kept), space_version=version
            )
            return
        beside = {name: value for name, value in values.items() if name not in trial.values}
        if beside:
            source = {**trial.source, "added": beside}
            Trial.objects.filter(pk=trial.pk).update(source=source)


def finite_or_none(value: float | None) -> float | None:
    """None for what JSON can't hold."""
    return value if value is not None and math.isfinite(value) else None


def attempt_of(key: str) -> Attempt | None:
    """The attempt that a script was given under this key."""
    try:
        token = UUID(hex=key)
    except ValueError:
        return None
    return Attempt.objects.select_related("trial__experiment").filter(token=token).first()


def open_attempt(experiment: Experiment, worker: str) -> Attempt | None:
    """The requested trial that this worker has, if it has one."""
    mine = Attempt.objects.filter(trial__experiment=experiment, worker=worker, ended=None)
    requested = mine.exclude(trial__origin=Trial.JOINED)
    found = requested.order_by("pk").values_list("pk", flat=True).first()
    if found is None:  # nearly always
        return None
    return Attempt.objects.select_related("trial__experiment").get(pk=found)
