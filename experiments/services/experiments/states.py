"""State transitions of an experiment, each one conditional UPDATE, and the turns that it requests."""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from experiments import queues
from experiments.models import Execution, Experiment, Place, PruningDecision, Trial
from experiments.services.code.script_output import ask_for_output
from experiments.services.experiments import budget
from experiments.services.site import activity

State = Experiment.State
NOT_PROMOTED = "Not promoted"


class NotAllowed(Exception):
    """What is there does not allow this; the text says why and, where something helps, what."""


def refuse_imported(experiment: Experiment) -> None:
    """Raise NotAllowed where it ran elsewhere: nothing of it can run here."""
    if experiment.is_imported:
        raise NotAllowed(
            "An imported experiment can't run: its data and model aren't on this site."
        )


def refuse_elsewhere(experiment: Experiment) -> None:
    """Raise NotAllowed where its data and its model are not here: this site can train none of it."""
    refuse_imported(experiment)
    if experiment.runs_elsewhere:
        raise NotAllowed(
            "Its trials run in external scripts: its data and model aren't on this site."
        )


def refuse_repeat(experiment: Experiment, trial: Trial) -> None:
    """Raise NotAllowed for trials of scripts that can't be tried again under their number.

    Other trials were compared with a stopped one's curve, and a second try would start another curve.
    """
    if not experiment.runs_elsewhere:
        return
    fix = "Queue its values manually instead."
    if trial.origin == Trial.JOINED:
        raise NotAllowed(
            "Its script started it with its own values, and no other "
            f"script can continue it. {fix}"
        )
    if trial.state == Trial.State.STOPPED and trial.epochs:
        raise NotAllowed(f"A script can't continue in the middle of a trial. {fix}")


def lock_experiment(experiment_pk: int) -> Experiment:
    """The experiment as it stands, its row locked until the transaction ends."""
    return Experiment.objects.select_for_update(no_key=True).get(pk=experiment_pk)


def sources_of(target: str) -> list[str]:
    """States from which a move to `target` is allowed."""
    return [state.value for state, targets in Experiment.MOVES.items() if target in targets]


def move(experiment: Experiment, target: State, *, reason: str = "", **columns: Any) -> bool:
    """Move the row to `target` if its present state allows it; whether it did.

    Call it inside a transaction. The caller's object is refreshed.
    """
    moved = Experiment.objects.filter(pk=experiment.pk, state__in=sources_of(target)).update(
        **{"state": target, "state_reason": reason[:500], "changed_file": "", **columns},
        updated=Now(),
    )
    if moved:
        activity.next_event(experiment.pk)
    experiment.refresh_from_db()
    return bool(moved)


def move_or_refuse(experiment: Experiment, target: State, deed: str, **columns: Any) -> None:
    """Move, or raise NotAllowed naming the state that forbids `deed`."""
    if not move(experiment, target, **columns):
        article = "An" if experiment.state[0] in "aeiou" else "A"
        raise NotAllowed(f"{article} {experiment.state} experiment can't be {deed}.")


def end_period(
    experiment: Experiment, target: State, *, reason: str = "", ended: bool = True, **more: Any
) -> bool:
    """Move out of the running period and book its seconds; whether it moved."""
    columns = more | {"seconds_used": budget.seconds_used(experiment), "resumed": None}
    if ended:
        columns["ended"] = Now()
    return move(experiment, target, reason=reason, **columns)


def apply_request(experiment_pk: int) -> None:
    """Pausing → paused, stopping → stopped, as soon as no trial of it runs."""
    experiment = lock_experiment(experiment_pk)
    if experiment.state not in (State.PAUSING, State.STOPPING):
        return
    if experiment.trials.filter(state=Trial.State.RUNNING).exists():
        return
    ending = budget.verdict(experiment) if experiment.state == State.PAUSING else None
    if ending is not None:
        # Its last trial ended after the pause was requested: nothing is left to run.
        end_search(experiment, ending.state, ending.reason)
    elif experiment.state == State.PAUSING:
        why = {"reason": experiment.state_reason, "changed_file": experiment.changed_file}
        end_period(experiment, State.PAUSED, ended=False, **why)
        activity.record("experiment.paused", "Paused: no trial is running", experiment=experiment)
    else:
        stop_waiting(experiment)
        end_period(experiment, State.STOPPED, reason="Stopped manually.")
        activity.record(
            "experiment.stopped", "Stopped: no trial is running", experiment=experiment
        )


def settle_paused(experiment: Experiment) -> int:
    """Prune paused trials that can't be promoted any more; return how many. Inside a transaction."""
    paused = list(experiment.trials.filter(state=Trial.State.PAUSED).order_by("number"))
    if not paused:
        return 0
    event = activity.next_event(experiment.pk)
    last = {
        decision.trial_id: decision
        for decision in PruningDecision.objects.filter(
            trial__in=paused, action=PruningDecision.Action.PAUSE
        )
    }
    for trial in paused:
        trial.state, trial.event_serial = Trial.State.PRUNED, event
        trial.failure_message = _left_behind(last.get(trial.pk))
    Trial.objects.bulk_update(paused, ["state", "event_serial", "failure_message"], batch_size=500)
    pks = [trial.pk for trial in paused]
    Trial.objects.filter(pk__in=pks).update(ended=Now())
    left = Execution.objects.filter(trial__in=pks).exclude(state=Trial.State.COMPLETED)
    left.update(state=Trial.State.PRUNED)
    return len(paused)


def _left_behind(decision: PruningDecision | None) -> str:
    if decision is None:
        return f"{NOT_PROMOTED}."
    return (
        f"{NOT_PROMOTED}: at epoch {decision.epoch} it ranked {decision.rank} of "
        f"{decision.n} when it entered."
    )


def stop_waiting(experiment: Experiment) -> None:
    """Trials that wait when the search ends are stopped: nothing will take them up."""
    waiting = experiment.trials.filter(state__in=[Trial.State.WAITING, Trial.State.PAUSED])
    pks = list(waiting.values_list("pk", flat=True))
    if pks:
        event = activity.next_event(experiment.pk)
        waiting.update(state=Trial.State.STOPPED, ended=Now(), event_serial=event)
        left = Execution.objects.filter(trial__in=pks).exclude(state=Trial.State.COMPLETED)
        left.update(state=Trial.State.STOPPED)


def end_search(experiment: Experiment, target: State, reason: str) -> bool:
    """Complete or fail a search without running trials; return whether it changed.

    Trials that are still paused at a rung become pruned.
    """
    settle_paused(experiment)
    stop_waiting(experiment)
    moved = end_period(experiment, target, reason=reason)
    if moved:
        activity.record(
            f"experiment.{target.value}", f"{target.label}: {reason}", experiment=experiment
        )
        ask_for_output(experiment)
    return moved


def request_turns(experiment_pk: int, count: int = 1) -> None:
    """Enqueue `count` turns on commit. Excess turns are harmless: they find the slots taken.

    None for trials that run elsewhere: scripts ask for those themselves.
    """
    if count < 1:
        return
    with transaction.atomic():
        here = Experiment.objects.filter(pk=experiment_pk, place=Place.HERE)
        if not here.update(turn_serial=F("turn_serial") + count):
            return
        last = Experiment.objects.values_list("turn_serial", flat=True).get(pk=experiment_pk)
        for serial in range(last - count + 1, last + 1):
            queues.enqueue_turn(experiment_pk, serial)
