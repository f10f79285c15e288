"""Sets trials aside, and restores them.

A trial that was set aside keeps its number, its scores and its files, and is shown struck through;
the sampler, the best score, the winner and the charts pass it over.
"""

from collections.abc import Sequence
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from experiments.models import Experiment, Trial
from experiments.services.experiments.states import NotAllowed, lock_experiment
from experiments.services.experiments.winner import ask_for_winner
from experiments.services.site import activity

MOST: Final = 500  # at once
LONGEST: Final = 300
NAMED: Final = 8  # numbers that a line of the log names


def set_aside(
    experiment: Experiment, numbers: Sequence[int], reason: str, *, by: User | None
) -> list[int]:
    """Leave ended trials out; their numbers. Raises NotAllowed, and then changes nothing."""
    why = " ".join(reason.split())
    if not why:
        raise NotAllowed("Enter a reason.")
    if len(why) > LONGEST:
        raise NotAllowed(f"The reason is longer than {LONGEST} characters. Shorten it.")
    with transaction.atomic():
        current = lock_experiment(experiment.pk)
        trials = _wanted(current, numbers)
        under_way = trials.exclude(state__in=Trial.TERMINAL).values_list("number", flat=True)
        first = under_way.first()
        if first is not None:
            raise NotAllowed(f"Trial {first} has not ended. Stop it first, or wait.")
        changed = _mark(current, trials.filter(set_aside=""), why)
        if changed:
            activity.record(
                "trial.set_aside",
                f"Set aside {_named(changed)}: {why}",
                experiment=current,
                user=by,
            )
    return changed


def counts_for(number: int | None) -> str:
    """Why a trial that trains another one again is set aside from the start; empty for all others."""
    return "" if number is None else f"It re-evaluates trial {number}, where its score counts."


def take_back(experiment: Experiment, numbers: Sequence[int], *, by: User | None) -> list[int]:
    """Let trials count again; the numbers of those that did not. Raises NotAllowed."""
    with transaction.atomic():
        current = lock_experiment(experiment.pk)
        wanted = _wanted(current, numbers).exclude(set_aside="")
        repeat = wanted.filter(repeats__experiment=current).select_related("repeats").first()
        if repeat is not None and repeat.repeats is not None:
            raise NotAllowed(
                f"Trial {repeat.number} re-evaluates trial {repeat.repeats.number}, "
                "where its score counts. Remove it from the selection."
            )
        changed = _mark(current, wanted, "")
        if changed:
            activity.record(
                "trial.taken_back", f"Restored {_named(changed)}", experiment=current, user=by
            )
    return changed


def _wanted(experiment: Experiment, numbers: Sequence[int]) -> QuerySet[Trial]:
    wanted = set(numbers)
    if len(wanted) > MOST:
        raise NotAllowed(f"At most {MOST} trials at a time. Select fewer.")
    trials = experiment.trials.filter(number__in=wanted).order_by("number")
    if not wanted or trials.count() < len(wanted):
        raise NotAllowed("Enter numbers of trials of this experiment.")
    return trials


def _mark(experiment: Experiment, trials: QuerySet[Trial], why: str) -> list[int]:
    """Write the reason, and find the best of those that count now."""
    numbers = list(trials.values_list("number", flat=True))
    if not numbers:
        return []
    event = activity.next_event(experiment.pk)
    experiment.trials.filter(number__in=numbers).update(set_aside=why, event_serial=event)
    falling = "-" if experiment.direction == "maximize" else ""
    best = experiment.trials.filter(Trial.SCORED).order_by(f"{falling}score", "number").first()
    # The models recommend again: their winner was chosen among these trials too.
    Experiment.objects.filter(pk=experiment.pk).update(
        best_trial=best, recommended_trial=None, winner={}
    )
    ask_for_winner(experiment.pk)
    return numbers


def _named(numbers: Sequence[int]) -> str:
    words = ", ".join(map(str, numbers[:NAMED]))
    more = f" and {len(numbers) - NAMED} more" if len(numbers) > NAMED else ""
    return f"trial{'s' if len(numbers) > 1 else ''} {words}{more}"
