"""Nine invariants of the records, for operators and tests.

Each check answers with sentences that name the rows where it is not so.
"""

import math
import socket
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import psutil
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from experiments import queues, storage
from experiments.models import Activity, Attempt, Execution, Experiment, Place, Trial
from experiments.services.experiments.budget import verdict
from experiments.services.site.stored_files import holes, orphans
from experiments.services.site.sweep import OLD_SECONDS

State = Trial.State
LEASE_OVERDUE = timedelta(seconds=60)
TURN_OVERDUE = timedelta(seconds=120)
# What requests a turn without one. An edit of the notes doesn't, though it touches the row.
MOVING_VERBS = (
    "experiment.started",
    "experiment.resumed",
    "experiment.pausing",
    "experiment.stopping",
    "trial.requeued",
    "trial.queued",
)
CHILD_PROGRAM = "experiments.training.child.host"
CHILDREN_LOOKED_AT = 1000
ENDING_SECONDS = 10.0  # a child may take so long to die after its attempt ended


def one_open_attempt() -> Iterator[str]:
    """I1: at most one open attempt a trial, and none of a trial that does not run."""
    opened = Attempt.objects.filter(ended=None).values("trial").annotate(n=Count("pk"))
    for row in opened.filter(n__gt=1):
        yield f"trial {row['trial']} has {row['n']} open attempts"
    stray = Attempt.objects.filter(ended=None).exclude(
        trial__state=State.RUNNING, trial__token=F("token")
    )
    for attempt in stray:
        yield (
            f"attempt {attempt.pk} is open, but trial {attempt.trial_id} belongs to "
            "another attempt"
        )


def completed_is_complete() -> Iterator[str]:
    """I2: a completed trial has completed executions only, and a finite score."""
    unfinished = Count("executions", filter=~Q(executions__state=State.COMPLETED))
    trials = Trial.objects.filter(state=State.COMPLETED).annotate(
        unfinished=unfinished, executions_count=Count("executions")
    )
    for trial in trials.iterator():
        if trial.unfinished or not trial.executions_count:
            yield f"trial {trial.pk} is completed with {trial.unfinished} unfinished executions"
        if trial.score is None or not math.isfinite(trial.score):
            yield f"trial {trial.pk} is completed with the score {trial.score}"


def known_states_within_budget() -> Iterator[str]:
    """I3: every trial is in a known state, and there are no more of them than the budget."""
    for trial in Trial.objects.exclude(state__in=State.values):
        yield f"trial {trial.pk} is in the unknown state {trial.state}"
    made = Count("trials")
    for experiment in Experiment.objects.annotate(made=made).filter(made__gt=F("max_trials")):
        yield f"experiment {experiment.pk} has {experiment.made} of {experiment.max_trials} trials"


def leases_are_fresh() -> Iterator[str]:
    """I4: no trial runs on a lease that ended more than a minute ago."""
    overdue = Q(lease_until=None) | Q(token=None) | Q(lease_until__lt=Now() - LEASE_OVERDUE)
    for trial in Trial.objects.filter(overdue, state=State.RUNNING):
        yield f"trial {trial.pk} runs with a lease until {trial.lease_until}"


def searches_move() -> Iterator[str]:
    """I5: no search with work left stands still for two minutes while Redis is up."""
    try:
        queued = queues.turns_by_experiment()
    except queues.QueueUnreachable:
        return
    for experiment in _standing_still():
        if not queued.get(experiment.pk) and verdict(experiment) is None:
            yield f"experiment {experiment.pk} is {experiment.state}, but has no turn"


def _standing_still() -> QuerySet[Experiment]:
    """Active searches in which no turn has begun, ended or been requested lately."""
    lately = Now() - TURN_OVERDUE
    requests = Activity.objects.filter(verb__in=MOVING_VERBS, created__gt=lately)
    return (
        Experiment.objects.filter(state__in=Experiment.ACTIVE, place=Place.HERE)
        .exclude(trials__state=State.RUNNING)
        .exclude(trials__attempts__ended__gt=lately)
        .exclude(resumed__gt=lately)
        .exclude(pk__in=requests.filter(experiment__isnull=False).values("experiment"))
    )


def histories_are_whole() -> Iterator[str]:
    """I6: each metric's list is as long as the epochs that the execution has."""
    rows = Execution.objects.values_list("pk", "epochs", "history", "state", "trial__state")
    for pk, epochs, history, state, trial_state in rows.iterator():
        lengths = {name: len(values) for name, values in history.items()}
        if any(length != epochs for length in lengths.values()) or (epochs and not history):
            yield f"execution {pk} has {epochs} epochs, but its history has {lengths}"
        if state == State.RUNNING and trial_state != State.RUNNING:
            yield f"execution {pk} runs, but its trial is {trial_state}"


def files_and_rows_match() -> Iterator[str]:
    """I7: data, splits, models, predictions, bundles are what their digests say; old files have rows."""
    for hole in holes():
        yield hole.words
    for path in orphans(time.time() - OLD_SECONDS):
        yield f"no record refers to the file {storage.relative(path)}"


def no_stray_children() -> Iterator[str]:
    """I8: no training process of this host outlives its attempt."""
    border = timezone.now() - timedelta(seconds=ENDING_SECONDS)
    ended = Attempt.objects.filter(
        ended__lt=border, child_pid__isnull=False, worker__contains=f"-{socket.gethostname()}-"
    )
    for attempt in ended.order_by("-pk")[:CHILDREN_LOOKED_AT]:
        if attempt.child_pid and _is_child_of(attempt, attempt.child_pid):
            yield (f"process {attempt.child_pid} of the ended attempt {attempt.pk} is still alive")


def what_happened_is_on_record() -> Iterator[str]:
    """I9: an ended search has its line in the log; lines name what belongs together; serials don't lag."""
    for state in Experiment.ENDED:
        said = Activity.objects.filter(experiment=OuterRef("pk"), verb=f"experiment.{state}")
        for pk in Experiment.objects.filter(~Exists(said), state=state).values_list(
            "pk", flat=True
        ):
            yield f"experiment {pk} is {state}, but its log doesn't say so"
    for outcome in (State.COMPLETED, State.FAILED):
        said = Activity.objects.filter(trial=OuterRef("pk"), verb=f"trial.{outcome}")
        ended = Trial.objects.filter(~Exists(said), state=outcome, attempts__isnull=False)
        for pk in ended.distinct().values_list("pk", flat=True):
            yield f"trial {pk} is {outcome}, but its experiment's log doesn't say so"
    strange = Activity.objects.filter(trial__isnull=False).exclude(
        experiment=F("trial__experiment"), project=F("experiment__project")
    )
    for pk in strange.values_list("pk", flat=True):
        yield f"line {pk} of the log names a trial, but not its experiment and project"
    behind = Trial.objects.filter(event_serial__gt=F("experiment__event_serial"))
    for trial in behind.iterator():
        yield f"experiment {trial.experiment_id} has a smaller event serial than trial {trial.pk}"


def _is_child_of(attempt: Attempt, pid: int) -> bool:
    """Whether that number is still the attempt's process, and not a later one's."""
    try:
        process = psutil.Process(pid)
        if CHILD_PROGRAM not in process.cmdline() or process.status() == psutil.STATUS_ZOMBIE:
            return False
        return attempt.ended is not None and process.create_time() < attempt.ended.timestamp()
    except psutil.Error:
        return False


INVARIANTS: dict[str, Callable[[], Iterator[str]]] = {
    "I1": one_open_attempt,
    "I2": completed_is_complete,
    "I3": known_states_within_budget,
    "I4": leases_are_fresh,
    "I5": searches_move,
    "I6": histories_are_whole,
    "I7": files_and_rows_match,
    "I8": no_stray_children,
    "I9": what_happened_is_on_record,
}


def broken_invariants() -> dict[str, list[str]]:
    """What is not true, by invariant; empty when all is well."""
    found = {name: list(check()) for name, check in INVARIANTS.items()}
    return {name: rows for name, rows in found.items() if rows}
