"""Reports: what went wrong, in plain words: cause, consequence, fix. Imports models."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.db.models.functions import Left

from experiments.models import Experiment, Trial
from experiments.models.trial import FailureKind
from experiments.number_words import plain

SHOWN_FAILURES = 30

_CAUSES = {
    FailureKind.OUT_OF_MEMORY: "ran out of memory",
    FailureKind.NAN: "diverged: its loss or score was NaN or infinite",
    FailureKind.TIMEOUT: "exceeded the time limit of a trial",
    FailureKind.USER_CODE: "could not build or train the model",
    FailureKind.DATA: "could not read the data",
    FailureKind.KILLED: "was killed by the operating system",
    FailureKind.INFRASTRUCTURE: "lost its worker",
}
_FIXES = {
    FailureKind.OUT_OF_MEMORY: "Use a smaller batch size or a smaller model.",
    FailureKind.NAN: "A smaller learning rate usually keeps the loss finite. A score of your own may divide by "
    "zero.",
    FailureKind.TIMEOUT: "Use fewer epochs or a smaller model.",
    FailureKind.USER_CODE: "See the last line of the traceback.",
    FailureKind.DATA: "Check on the Data page that this version of the dataset is ready.",
    FailureKind.KILLED: "The machine was probably out of memory: run fewer trials in parallel.",
    FailureKind.INFRASTRUCTURE: "Not caused by the configuration: requeue the trial.",
}
UNTOLD = "No traceback was reported: see the output of the script."
# The hyperparameter that a reader of each failure looks at first.
_SUSPECTS = {
    FailureKind.OUT_OF_MEMORY: "batch_size",
    FailureKind.NAN: "learning_rate",
    FailureKind.TIMEOUT: "epochs",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed trial as a sentence, what the child said, and what may fix it."""

    number: int
    kind: str
    cause: str
    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Failed trials of one kind: how many, and the newest of them first."""

    kind: str
    count: int
    cause: str
    fix: str
    message: str
    numbers: tuple[int, ...]


def cause_of(kind: str, values: dict[str, Any]) -> str:
    """What happened, as the second half of a sentence that begins with the trial."""
    known = FailureKind(kind) if kind in FailureKind.values else None
    if known is None:
        return "failed"
    suspect = _SUSPECTS.get(known)
    if suspect is None or suspect not in values:
        return _CAUSES[known]
    return f"{_CAUSES[known]} ({suspect} {plain(values[suspect])})"


def failure_of(trial: Trial) -> Failure | None:
    """The trial's failure; None when it did not fail."""
    if not trial.failure_kind and trial.state != Trial.State.FAILED:
        return None
    kind = trial.failure_kind
    cause = cause_of(kind, trial.values)
    return Failure(
        trial.number, kind, cause, trial.failure_message, _fix_of(kind, trial.traceback)
    )


def _fix_of(kind: str, traceback: str) -> str:
    if kind not in FailureKind.values:
        return ""
    if kind == FailureKind.USER_CODE and not traceback:
        return UNTOLD
    return _FIXES[FailureKind(kind)]


def failures(experiment: Experiment) -> tuple[FailureGroup, ...]:
    """The newest failed trials grouped by kind, for the list of what needs attention."""
    failed = Trial.objects.filter(experiment=experiment, state=Trial.State.FAILED)
    fields = ("number", "failure_kind", "failure_message", "values", "state")
    groups: dict[str, list[Any]] = {}  # trials, with the first letter of their traceback
    for trial in (
        failed.annotate(first_letter=Left("traceback", 1))
        .order_by("-number")
        .only(*fields)[:SHOWN_FAILURES]
    ):
        groups.setdefault(trial.failure_kind, []).append(trial)
    if not groups:
        return ()
    counted = failed.order_by().values_list("failure_kind").annotate(count=Count("pk"))
    counts: dict[str, int] = dict(counted)
    return tuple(_group(kind, counts[kind], trials) for kind, trials in groups.items())


def _group(kind: str, count: int, trials: list[Any]) -> FailureGroup:
    newest = trials[0]
    return FailureGroup(
        kind=kind,
        count=count,
        cause=cause_of(kind, newest.values),
        fix=_fix_of(kind, newest.first_letter),
        message=newest.failure_message,
        numbers=tuple(trial.number for trial in trials),
    )
