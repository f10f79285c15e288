"""Request bodies as frozen values; every problem has the path of its field."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from experiments.external_plan import LONGEST_METRIC
from experiments.search.history import Values
from experiments.search.problems import Problem, ProblemsError
from experiments.search.reading import LARGEST_NUMBER, Reader, describe, number_problem
from experiments.search.space.hyperparameter_json import value_problem
from experiments.services.external.trials import MOST_EPOCHS, MOST_METRICS, ReportedEpoch
from experiments.tuner.external_answers import Failed

T = TypeVar("T")

MOST_AT_ONCE: Final = 1000
LONGEST_NAME: Final = 120  # of a worker
LONGEST_TRACEBACK: Final = 50_000


class BodyError(ProblemsError):
    """A body that can't be used."""


@dataclass(frozen=True, slots=True)
class Who:
    """A script by name. instance: the process of that name."""

    worker: str
    instance: str


@dataclass(frozen=True, slots=True)
class Ending:
    """How a trial ended: one of the three."""

    metrics: dict[str, float | None]
    failed: Failed | None
    stopped: str
    best_epoch: int | None


def read_who(body: object) -> Who:
    """Body of an ask. Raises BodyError."""
    reader = Reader(body)
    who = _who(reader)
    return _done(reader, who)


def read_run(body: object) -> tuple[Who, Values]:
    """Body of a joined run: the script, the run's id, and its values."""
    reader = Reader(body)
    who = _who(reader, instance="run", shortest=8)
    values = _values(reader)
    return _done(reader, (who, values))


def read_report(body: object) -> list[ReportedEpoch]:
    """Body of a report: at most 1,000 epochs. Raises BodyError."""
    reader = Reader(body)
    epochs = []
    for inner in reader.rows("epochs", longest=MOST_AT_ONCE):
        epoch = inner.whole("epoch", lowest=1, highest=MOST_EPOCHS)
        seconds = inner.number("seconds", lowest=0.0, highest=1e7, default=None)
        metrics = _metrics(inner)
        inner.refuse_others()
        epochs.append(ReportedEpoch(epoch, metrics, seconds))
    return _done(reader, epochs)


def read_ending(body: object) -> Ending:
    """Body of a tell. Raises BodyError."""
    reader = Reader(body)
    metrics = _metrics(reader) if reader.has("metrics") else {}
    failed = None
    if reader.has("failed"):
        inner = reader.child("failed")
        failed = Failed(
            message=inner.text("message", longest=20_000, shortest=1, lines=True)[:1000],
            traceback=inner.text("traceback", longest=500_000, default="", lines=True)[
                -LONGEST_TRACEBACK:
            ],
            may_retry=inner.flag("may_retry", default=False),
        )
        inner.refuse_others()
    stopped = reader.text("stopped", longest=300, default="")
    best = reader.whole("best_epoch", lowest=1, highest=MOST_EPOCHS, default=None)
    if sum(map(bool, (metrics, failed, stopped))) > 1:
        reader.note("", "Expected one of metrics, failed and stopped; got several.")
    return _done(reader, Ending(metrics, failed, stopped, best))


def read_learning(body: object) -> tuple[object, Values]:
    """Body of a learn: the space as JSON, and the values. Raises BodyError."""
    reader = Reader(body)
    space = reader.take("space")
    return _done(reader, (space, _values(reader)))


def _who(reader: Reader, *, instance: str = "instance", shortest: int = 0) -> Who:
    worker = reader.text("worker", longest=LONGEST_NAME, shortest=1).strip()
    if shortest:
        return Who(worker, reader.text(instance, longest=64, shortest=shortest))
    return Who(worker, reader.text(instance, longest=64, default=""))


def _values(reader: Reader) -> Values:
    source = reader.take("values", default=None)
    if source is None:
        return {}
    if not isinstance(source, dict):
        reader.note("values", f"Expected an object with named values, got {describe(source)}.")
        return {}
    for name, value in source.items():
        problem = value_problem(value)
        if problem:
            reader.note(f"values.{name}", problem)
    return source


def _metrics(reader: Reader) -> dict[str, float | None]:
    """Numbers by name; null stands for NaN and infinity."""
    source = reader.take("metrics")
    if not isinstance(source, dict):
        if source is not None:
            reader.note(
                "metrics", f"Expected an object with named numbers, got {describe(source)}."
            )
        return {}
    if len(source) > MOST_METRICS:
        reader.note("metrics", f"Expected at most {MOST_METRICS} names, got {len(source):,}.")
        return {}
    found: dict[str, float | None] = {}
    for name, value in source.items():
        problem = _metric_problem(name, value)
        if problem:
            reader.note(f"metrics.{name[:80]}", problem)
        else:
            found[name] = None if value is None else float(value)
    return found


def _metric_problem(name: str, value: Any) -> str:
    if not name.strip() or len(name) > LONGEST_METRIC or not name.isprintable():
        return f"Expected a name of 1 to {LONGEST_METRIC} printable characters."
    if value is None:
        return ""
    if isinstance(value, float | int) and not isinstance(value, bool) and abs(value) < 1e-100:
        return ""  # training can produce such small numbers
    problem = number_problem(value)
    limit = f"beyond ±{LARGEST_NUMBER:g}"
    return problem.replace("This number is too large.", f"It is {limit}: send null.")


def _done(reader: Reader, found: T) -> T:
    reader.refuse_others()
    if reader.problems:
        raise BodyError(reader.problems)
    return found


def problems_below(prefix: str, problems: Sequence[Problem]) -> BodyError:
    """The same problems seen from the whole body."""
    return BodyError(problem.below(prefix) for problem in problems)
