"""Reports: what went wrong, in plain words: cause, consequence, fix. Imports models."""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.db.models import Count
from django.db.models.functions import Left

from experiments.models import Experiment, Trial
from experiments.models.trial import FailureKind
from experiments.number_words import plain

SHOWN_FAILURES = 30

NO_TRACEBACK = "No traceback was reported: see the output of the script."


class Explained(NamedTuple):
    """A kind of failure. cause: the second half of a sentence. suspect: the hyperparameter to check first."""

    cause: str
    fix: str
    suspect: str = ""


EXPLAINED: Final = {
    FailureKind.OUT_OF_MEMORY: Explained(
        "ran out of memory", "Use a smaller batch size or a smaller model.", "batch_size"
    ),
    FailureKind.NAN: Explained(
        "diverged: its loss or score was NaN or infinite",
        "A smaller learning rate usually keeps the loss finite. A score of your own may divide by zero.",
        "learning_rate",
    ),
    FailureKind.TIMEOUT: Explained(
        "exceeded the time limit of a trial", "Use fewer epochs or a smaller model.", "epochs"
    ),
    FailureKind.USER_CODE: Explained(
        "could not build or train the model", "See the last line of the traceback."
    ),
    FailureKind.DATA: Explained(
        "could not read the data",
        "Check on the Data page that this version of the dataset is ready.",
    ),
    FailureKind.KILLED: Explained(
        "was killed by the operating system",
        "The machine was probably out of memory: run fewer trials in parallel.",
    ),
    FailureKind.INFRASTRUCTURE: Explained(
        "lost its worker", "Not caused by the configuration: requeue the trial."
    ),
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
    if kind not in FailureKind.values:
        return "failed"
    found = EXPLAINED[FailureKind(kind)]
    if found.suspect not in values:
        return found.cause
    return f"{found.cause} ({found.suspect} {plain(values[found.suspect])})"


def failure_of(trial: Trial) -> Failure | None:
    """The trial's failure; None when it did not fail."""
    kind = trial.failure_kind
    if not kind and trial.state != Trial.State.FAILED:
        return None
    fix = _fix_of(kind, trial.traceback)
    return Failure(trial.number, kind, cause_of(kind, trial.values), trial.failure_message, fix)


def _fix_of(kind: str, traceback: str) -> str:
    if kind not in FailureKind.values:
        return ""
    if kind == FailureKind.USER_CODE and not traceback:
        return NO_TRACEBACK
    return EXPLAINED[FailureKind(kind)].fix


def failures(experiment: Experiment) -> tuple[FailureGroup, ...]:
    """The newest failed trials grouped by kind, for the list of what needs attention."""
    failed = Trial.objects.filter(experiment=experiment, state=Trial.State.FAILED)
    fields = ("number", "failure_kind", "failure_message", "values", "state")
    newest = failed.annotate(first_letter=Left("traceback", 1)).order_by("-number").only(*fields)
    groups: dict[str, list[Any]] = {}
    for trial in newest[:SHOWN_FAILURES]:
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
