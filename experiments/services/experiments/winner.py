"""Stores the recommended trial and its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from experiments import queues
from experiments.evaluation.expected import Expected
from experiments.evaluation.statistical_ties import TieGroup
from experiments.models import Experiment, Purpose, Trial
from experiments.search.strategies.winner import Winner
from experiments.services.experiments.states import lock_experiment
from experiments.services.site import activity

RECOMMEND: Final = "experiments.jobs.name_winner"
COMPLETE: Final = "experiments.jobs.complete_winner"
_UNKNOWN_BASELINE: Final = Trial.objects.filter(
    experiment__follows=OuterRef("pk"),
    experiment__purpose=Purpose.BASELINE,
    score__isnull=False,
    expected={},
)
# Searches whose winner an earlier version named, when less was promised of winners and their baselines.
UNPROMISED: Final = Q(purpose=Purpose.SEARCH, recommended_trial__isnull=False) & (
    ~Q(winner__has_key="baselines") | Exists(_UNKNOWN_BASELINE)
)
AT_A_TIME: Final = 20  # of these, so that other short jobs aren't kept waiting
MOST_TIED: Final = 500  # numbers that are stored; the count is of all
AT_ONCE: Final = 200


def ask_for_winner(experiment_pk: int) -> None:
    """Request a recommendation by the models, once the transaction commits."""
    queues.enqueue_short(RECOMMEND, experiment_pk)


def ask_for_promises(after: int) -> int:
    """Request what earlier versions' winners lack, of the next few; returns the last one's key, to go on from."""
    due = Experiment.objects.filter(UNPROMISED, pk__gt=after).order_by("pk")
    for pk in due.values_list("pk", flat=True)[:AT_A_TIME]:
        queues.enqueue_once(COMPLETE, pk)
        after = pk
    return after


@dataclass(frozen=True, slots=True)
class Promise:
    """What is told of a winner beside its search score.

    expected: by primary key, of the leading trials and the trained baselines. baselines: the winner against each
    (`tuner/baseline_outcomes.py`). beside: how many of them were trained and scored.
    """

    expected: Mapping[int, Expected]
    baselines: Sequence[dict[str, Any]] = ()
    beside: int = 0

    @property
    def stored(self) -> dict[str, Any]:
        """What `Experiment.winner` holds of it."""
        return {"beside": self.beside, "baselines": list(self.baselines)}


@dataclass(frozen=True, slots=True)
class WinnerRecord:
    """A recommendation with everything that is stored of it.

    scored, again: after how many scored trials and repeats.
    """

    winner: Winner
    group: TieGroup
    scored: int
    again: int = 0
    promise: Promise = Promise({})


def record_winner(experiment_pk: int, record: WinnerRecord) -> bool:
    """Store a recommendation; whether nobody had used more.

    Two workers may think at the same time: the one that saw fewer trials is too late. The smoothed
    scores of all trials that the models know are written beside their own.
    """
    winner, group = record.winner, record.group
    with transaction.atomic():
        experiment = lock_experiment(experiment_pk)
        before = experiment.winner.get("scored", 0), experiment.winner.get("again", 0)
        if record.scored < before[0] or record.again < before[1]:
            return False
        activity.next_event(experiment_pk)
        Experiment.objects.filter(pk=experiment_pk).update(
            recommended_trial=Trial.objects.get(
                experiment=experiment_pk, number=winner.recommended
            ),
            winner={
                "scored": record.scored,
                "again": record.again,
                "observed": winner.observed,
                "reason": winner.reason,
                "estimate": winner.estimate,
                "uncertainty": winner.uncertainty,
                "tied": list(group.members[:MOST_TIED]),
                "tied_count": len(group.members),
                "executions": group.executions,
                "compared": group.compared,
                "rows": group.rows,
                **record.promise.stored,
            },
        )
        numbers = experiment.trials.values_list("pk", "number")
        known = winner.estimates
        _write("estimate", {pk: known[number] for pk, number in numbers if number in known})
        _write_expected(experiment, record.promise)
    return True


def record_promise(experiment_pk: int, promise: Promise) -> None:
    """Add what is told of a winner to one that has been named, unless it has it by now."""
    with transaction.atomic():
        experiment = lock_experiment(experiment_pk)
        if not Experiment.objects.filter(UNPROMISED, pk=experiment_pk).exists():
            return
        activity.next_event(experiment_pk)
        stored = experiment.winner | promise.stored
        Experiment.objects.filter(pk=experiment_pk).update(winner=stored)
        _write_expected(experiment, promise)


def _write_expected(experiment: Experiment, promise: Promise) -> None:
    passed = experiment.trials.exclude(pk__in=promise.expected).exclude(expected={})
    passed.update(expected={})
    _write("expected", {pk: each.to_dict() for pk, each in promise.expected.items()})


def _write(field: str, values: Mapping[int, Any]) -> None:
    """Values by the primary key of their trial; one that is gone by now is left out."""
    keys = list(values)
    for start in range(0, len(keys), AT_ONCE):
        trials = list(Trial.objects.filter(pk__in=keys[start : start + AT_ONCE]).only("pk"))
        for trial in trials:
            setattr(trial, field, values[trial.pk])
        Trial.objects.bulk_update(trials, [field])
