"""Stores the recommended trial and its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import transaction

from experiments import queues
from experiments.evaluation.expected import Expected
from experiments.evaluation.statistical_ties import TieGroup
from experiments.models import Experiment, Trial
from experiments.search.strategies.winner import Winner
from experiments.services.experiments.states import lock_experiment
from experiments.services.site import activity

RECOMMEND: Final = "experiments.jobs.name_winner"
MOST_TIED: Final = 500  # numbers that are stored; the count is of all
AT_ONCE: Final = 200


def ask_for_winner(experiment_pk: int) -> None:
    """Request a recommendation by the models, once the transaction commits."""
    queues.enqueue_short(RECOMMEND, experiment_pk)


@dataclass(frozen=True, slots=True)
class WinnerRecord:
    """A recommendation with everything that is stored of it.

    expected: by number, of the leading trials. scored, again, beside: after how many scored trials, repeats
    and trained baselines. baselines: the winner against each (`tuner/baseline_outcomes.py`).
    """

    winner: Winner
    group: TieGroup
    scored: int
    again: int = 0
    beside: int = 0
    expected: Mapping[int, Expected] = field(default_factory=dict)
    baselines: Sequence[dict[str, Any]] = ()


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
                "beside": record.beside,
                "baselines": list(record.baselines),
            },
        )
        _write(experiment, "estimate", winner.estimates)
        passed = experiment.trials.exclude(number__in=record.expected).exclude(expected={})
        passed.update(expected={})
        _write(experiment, "expected", {n: each.to_dict() for n, each in record.expected.items()})
    return True


def _write(experiment: Experiment, field: str, values: Mapping[int, Any]) -> None:
    numbers = list(values)
    for start in range(0, len(numbers), AT_ONCE):
        part = numbers[start : start + AT_ONCE]
        trials = list(experiment.trials.filter(number__in=part).only("pk", "number"))
        for trial in trials:
            setattr(trial, field, values[trial.number])
        Trial.objects.bulk_update(trials, [field])
