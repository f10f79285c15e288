"""Configurations that people add to a running search."""

from collections.abc import Sequence
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from experiments.models import Experiment, QueuedConfiguration, SpaceVersion, Trial
from experiments.search.space.space import Space
from experiments.search.space.trial_reuse import values_in_words
from experiments.services.experiments import budget
from experiments.services.experiments.states import NotAllowed, lock_experiment, request_turns
from experiments.services.site import activity
from experiments.services.trials.lifecycle import Proposal, check_room, insert_trial

State = Experiment.State
TAKING: Final = (State.QUEUED, State.RUNNING, State.PAUSING, State.PAUSED)
MOST: Final = 100  # at once
KIND: Final = "manual"


class NotTaken(Exception):
    """Configurations that can't be queued as they are, though the search takes others."""


class AlreadyThere(NotTaken):
    """Equal values ran, or wait. place: in what was sent; number: of the trial, if any."""

    def __init__(self, text: str, *, place: int, number: int | None = None) -> None:
        super().__init__(text)
        self.place = place
        self.number = number


class NoRoom(NotTaken):
    """The budget of trials is too small. needed: the budget that would do."""

    def __init__(self, text: str, *, needed: int) -> None:
        super().__init__(text)
        self.needed = needed


def refusal(experiment: Experiment) -> str:
    """Why the search takes no configurations now; empty when it does."""
    state = State(experiment.state)
    if state in TAKING:
        return ""
    if state == State.DRAFT:
        return "The search has not started. Start it first."
    if state == State.STOPPING:
        return "The search is stopping and accepts no configurations."
    return (
        "The search has ended and accepts no configurations. Raise its budget and "
        "resume it, or clone it."
    )


def queue_by_hand(
    experiment: Experiment,
    wanted: Sequence[dict[str, Any]],
    *,
    by: User,
    taken_from: int | None = None,
    again: bool = False,
    raise_budget: bool = False,
) -> list[QueuedConfiguration]:
    """Let configurations wait for the next free slots, in their order; all of them or none.

    taken_from: number of the trial whose values they were. again: also values that were tried.
    raise_budget: make room for them in the budget of trials.

    Raises: NotAllowed when the search is over, AlreadyThere, NoRoom; SpaceError for values that
    are no configuration of the space.
    """
    with transaction.atomic():
        current = lock_experiment(experiment.pk)
        if words := refusal(current):
            raise NotAllowed(words)
        version = current.space_versions.order_by("-number")[0]
        space = Space.from_dict(version.space)
        keys = []
        for values in wanted:
            space.check(values)
            keys.append(space.key(values))
        if not again:
            _refuse_known(current, keys)
        _make_room(current, len(wanted), by if raise_budget else None)
        queued = [
            _queue(current, version, dict(values), key, taken_from, by)
            for values, key in zip(wanted, keys, strict=True)
        ]
        _record(current, queued, space, by)
        if current.state in Experiment.TURNING:
            running = current.trials.filter(state=Trial.State.RUNNING).count()
            request_turns(current.pk, min(len(queued), current.parallel - running))
    return queued


def _queue(
    experiment: Experiment,
    version: SpaceVersion,
    values: dict[str, Any],
    key: str,
    taken_from: int | None,
    by: User,
) -> QueuedConfiguration:
    return QueuedConfiguration.objects.create(
        experiment=experiment,
        space_version=version,
        values=values,
        values_key=key,
        taken_from=taken_from,
        queued_by=by,
    )


def _refuse_known(experiment: Experiment, keys: Sequence[str]) -> None:
    tried = dict(
        experiment.trials.filter(values_key__in=keys)
        .order_by("-number")
        .values_list("values_key", "number")
    )
    waiting = dict(
        waiting_of(experiment)
        .filter(values_key__in=keys)
        .values_list("values_key", "queued_by__username")
    )
    for place, key in enumerate(keys):
        if key in tried:
            number = tried[key]
            text = f"Trial {number} already has these values."
            raise AlreadyThere(text, place=place, number=number)
        if key in waiting:
            text = f"{waiting[key] or 'Somebody'} already queued these values."
            raise AlreadyThere(text, place=place)
        if key in keys[:place]:
            text = f"Row {keys.index(key) + 1} has the same values."
            raise AlreadyThere(text, place=place)


def _make_room(experiment: Experiment, count: int, by: User | None) -> None:
    """Raise the budget of trials when `by` wants it. Raises NoRoom."""
    needed = experiment.trials.count() + waiting_of(experiment).count() + count
    if needed <= experiment.max_trials:
        return
    if by is None:
        left = max(0, experiment.max_trials - needed + count)
        raise NoRoom(
            f"The budget of {experiment.max_trials:,} trials has room for {left} more, "
            f"but {count} {('is' if count == 1 else 'are')} to be queued. Raise the "
            "budget.",
            needed=needed,
        )
    before = experiment.max_trials
    Experiment.objects.filter(pk=experiment.pk).update(
        max_trials=needed, revision=F("revision") + 1
    )
    activity.record(
        "experiment.edited",
        f"Raised the budget from {before:,} to {needed:,} trials for queued configurations",
        experiment=experiment,
        user=by,
        detail={"max_trials": before},
    )


def _record(
    experiment: Experiment, queued: Sequence[QueuedConfiguration], space: Space, by: User
) -> None:
    activity.next_event(experiment.pk)
    for each in queued:
        origin = "" if each.taken_from is None else f", from trial {each.taken_from}"
        _note("trial.queued", f"Queued manually{origin}", each, space, by)


def _note(verb: str, done: str, each: QueuedConfiguration, space: Space, by: User) -> None:
    activity.record(
        verb,
        f"{done}: {values_in_words(space, each.values)}",
        experiment=each.experiment,
        user=by,
        detail={"values": each.values, "queued": each.pk},
    )


def withdraw(experiment: Experiment, queued_pk: int, *, by: User) -> None:
    """Take a configuration back that still waits. Raises NotAllowed when it doesn't any more."""
    with transaction.atomic():
        current = lock_experiment(experiment.pk)
        each = current.queued.filter(pk=queued_pk).select_related("trial", "space_version").first()
        if each is None:
            raise NotAllowed("The queue has no such configuration.")
        if each.trial is not None:
            number = each.trial.number
            raise NotAllowed(f"It already runs as trial {number}. Stop it on the trial's page.")
        if each.withdrawn is not None:
            raise NotAllowed("It is already withdrawn.")
        waiting_of(current).filter(pk=each.pk).update(withdrawn=Now())
        activity.next_event(current.pk)
        space = Space.from_dict(each.space_version.space)
        _note("trial.withdrawn", "Withdrew a queued configuration", each, space, by)


def waiting_of(experiment: Experiment) -> QuerySet[QueuedConfiguration]:
    """What waits for a slot, in order."""
    return experiment.queued.filter(trial=None, withdrawn=None).order_by("pk")


def may_take(experiment: Experiment) -> bool:
    """Whether something waits that the budget of trials has room for."""
    return waiting_of(experiment).exists() and budget.trials_left(experiment) > 0


def take_queued(experiment_pk: int) -> Trial | None:
    """Make a waiting trial of the configuration that came first; None when none waits or fits.

    Raises: SlotsTaken.
    """
    with transaction.atomic():
        experiment = lock_experiment(experiment_pk)
        check_room(experiment)
        if not may_take(experiment):
            return None
        queued = waiting_of(experiment).select_related("queued_by")[0]
        trial = insert_trial(
            experiment,
            Proposal(
                number=experiment.trials.count(),
                space_version=queued.space_version_id,
                values=queued.values,
                values_key=queued.values_key,
                why=_why(queued),
                kind=KIND,
                origin="hand",
            ),
        )
        waiting_of(experiment).filter(pk=queued.pk).update(trial=trial)
        return trial


def _why(queued: QueuedConfiguration) -> str:
    person = queued.queued_by.get_username() if queued.queued_by else "a deleted user"
    origin = "" if queued.taken_from is None else f", from trial {queued.taken_from}"
    return f"Queued manually by {person}{origin}."
