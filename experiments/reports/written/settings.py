"""Reports: how an experiment was set up, in words that can be kept. Imports models and sibling reports."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from experiments.models import Experiment, Trial
from experiments.number_words import duration, plain
from experiments.reports.experiments.head import seconds_used
from experiments.reports.experiments.protocol import ProtocolPage, protocol_page

Row = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Section:
    """Terms and their words below a head."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class SpaceRow:
    """A hyperparameter of the newest space; condition: when it is active."""

    name: str
    kind: str
    values: str
    scale: str
    condition: str


def settings_of(experiment: Experiment) -> tuple[Section, ...]:
    """Everything that a reader needs to judge a score."""
    page = protocol_page(experiment)
    return (
        Section("Protocol", page.judging),
        Section("Data, model and search", (*page.search, *_course(experiment, page))),
        Section("Budget", page.budget),
    )


def software_of(trial: Trial | None) -> tuple[Row, ...]:
    """Packages of the child that trained it, and their versions."""
    found = trial.environment.items() if trial else ()
    return tuple((str(name), str(value)) for name, value in found)


def space_of(experiment: Experiment) -> tuple[tuple[SpaceRow, ...], tuple[str, ...]]:
    """The newest space and its rules."""
    version = experiment.space_versions.order_by("-number").first()
    space: dict[str, Any] = version.space if version else {}
    rows = tuple(_row(row) for row in space.get("hyperparameters", ()))
    return rows, tuple(str(rule) for rule in space.get("constraints", ()))


def _course(experiment: Experiment, page: ProtocolPage) -> Iterator[Row]:
    if page.space_versions:
        yield "Space", f"version {page.space_versions[0].number}"
    yield "State", experiment.get_state_display().lower()
    if experiment.started:
        yield "Started", _moment(experiment.started)
    if experiment.ended and experiment.state not in Experiment.ACTIVE:
        yield "Ended", _moment(experiment.ended)
    yield "Time used", duration(seconds_used(experiment, timezone.now()))
    if experiment.created_by:
        yield "By", experiment.created_by.get_username()


def _moment(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%d %b %Y, %H:%M:%S %Z").strip()


def _row(row: dict[str, Any]) -> SpaceRow:
    kind = str(row["type"])
    condition = row.get("only_if")
    words = (
        f"{condition['name']} = {' or '.join(plain(value) for value in condition['values'])}"
        if condition
        else ""
    )
    unit = f" {row['unit']}" if row.get("unit") else ""
    scale = str(row.get("scale") or "linear") if kind in ("int", "float") else ""
    return SpaceRow(str(row["name"]), kind, _range(row, kind) + unit, scale, words)


def _range(row: dict[str, Any], kind: str) -> str:
    if kind in ("int", "float"):
        step = f" in steps of {plain(row['step'])}" if row.get("step") else ""
        return f"{plain(row['min'])} to {plain(row['max'])}{step}"
    if kind == "choice":
        return ", ".join(plain(choice) for choice in row["choices"])
    return plain(row["value"]) if kind == "fixed" else "yes, no"
