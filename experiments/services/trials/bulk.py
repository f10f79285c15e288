"""Bulk actions on trials of one experiment, in one transaction.

As many queries for 500 trials as for one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from experiments.models import Execution, Experiment, Trial
from experiments.services.experiments.states import NotAllowed, lock_experiment, request_turns
from experiments.services.site import activity
from experiments.services.trials.lifecycle import wake

State = Trial.State
FEW = 5  # numbers that a line of the log names


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it; `left`: trials that their state, or their absence, kept as they were."""

    text: str
    changed: int
    left: int


def stop_trials(experiment: Experiment, numbers: Sequence[int], *, by: User) -> Done:
    """Stop those that wait or are paused at once, and those that run at their next epoch.

    Raises: NotAllowed where none of them can be stopped.
    """
    with transaction.atomic():
        experiment = lock_experiment(experiment.pk)
        event = activity.next_event(experiment.pk)
        trials = experiment.trials.filter(number__in=numbers)
        stopping = _numbers(trials.filter(state=State.RUNNING, stop_wanted=False))
        resting = _numbers(trials.filter(state__in=[State.WAITING, State.PAUSED]))
        if not stopping and not resting:
            raise NotAllowed("None of the selected trials is running or waiting.")
        experiment.trials.filter(number__in=stopping).update(stop_wanted=True, event_serial=event)
        stopped = experiment.trials.filter(number__in=resting)
        stopped.update(state=State.STOPPED, ended=Now(), event_serial=event)
        left = Execution.objects.filter(trial__in=stopped).exclude(state=State.COMPLETED)
        left.update(state=State.STOPPED)
        words = [f"Stopped {_words(resting)}"] if resting else []
        words += [f"requested a stop of {_words(stopping)}"] if stopping else []
        done = _record(
            experiment, "trial.stopping", " and ".join(words), [*stopping, *resting], by
        )
        if resting and experiment.state in Experiment.TURNING:
            request_turns(experiment.pk, 1)
    return Done(
        done, len(stopping) + len(resting), len(set(numbers)) - len(stopping) - len(resting)
    )


def requeue_trials(experiment: Experiment, numbers: Sequence[int], *, by: User) -> Done:
    """Requeue failed and stopped trials; an ended experiment continues.

    Raises: NotAllowed if none can be requeued, or the budget is spent.
    """
    with transaction.atomic():
        experiment = lock_experiment(experiment.pk)
        event = activity.next_event(experiment.pk)
        found = experiment.trials.filter(
            number__in=numbers, state__in=[State.FAILED, State.STOPPED]
        )
        back = _numbers(found)
        if not back:
            raise NotAllowed("None of the selected trials failed or was stopped.")
        Execution.objects.filter(trial__in=found).exclude(state=State.COMPLETED).update(
            state=State.WAITING, failure_kind="", ended=None
        )
        found.update(
            state=State.WAITING, ended=None, stop_wanted=False, failure_kind="",
            failure_message="", traceback="", event_serial=event,
        )  # fmt: skip
        done = _record(experiment, "trial.requeued", f"Requeued {_words(back)}", back, by)
        wake(experiment)
    return Done(done, len(back), len(set(numbers)) - len(back))


def _numbers(trials: QuerySet[Trial]) -> list[int]:
    return sorted(trials.order_by().values_list("number", flat=True))


def _words(numbers: list[int]) -> str:
    if len(numbers) == 1:
        return f"trial {numbers[0]}"
    named = ", ".join(str(number) for number in numbers[:FEW])
    more = f" and {len(numbers) - FEW} more" if len(numbers) > FEW else ""
    return f"{len(numbers)} trials ({named}{more})"


def _record(experiment: Experiment, verb: str, text: str, numbers: list[int], by: User) -> str:
    text = text[0].upper() + text[1:]
    activity.record(
        verb,
        text,
        experiment=experiment,
        user=by,
        detail={"numbers": sorted(numbers)},
    )
    return text
