"""Reports: how an experiment was set up, in words that can be kept. Imports models and sibling reports."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from experiments.models import Experiment, Trial
from experiments.number_words import duration, plain, thousands
from experiments.reports.experiments.head import protocol_words, seconds_used
from experiments.reports.experiments.protocol import ProtocolPage, protocol_page
from experiments.search.strategies.custom import strategy_label
from experiments.search.strategies.registry import PRUNERS, SAMPLERS

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
        Section("How a trial is judged", tuple(_judging(experiment, page))),
        Section("Data, model and search", tuple(_search(experiment, page))),
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


def _judging(experiment: Experiment, page: ProtocolPage) -> Iterator[Row]:
    protocol = page.protocol
    yield "Split", protocol_words(experiment)
    if page.respecting:
        yield "Respecting", page.respecting
    fewer = ", fewer for a trial that can't win any more" if protocol.races else ""
    yield "Executions a trial", f"{protocol.executions}{fewer}"
    how = f"{experiment.direction}, from the {experiment.score_words}"
    yield "Score", f"{experiment.objective_words}, {how}"
    if experiment.further:
        each = "; ".join(f"{one.name}, {one.direction}" for one in experiment.further)
        yield "Further objectives", each
    yield "Locked test part", page.test_words
    yield from page.training.items()
    yield "Seed", str(experiment.seed)
    yield "Split hash", experiment.split_hash


def _search(experiment: Experiment, page: ProtocolPage) -> Iterator[Row]:
    version = experiment.dataset_version
    yield "Data", f"{version}, {thousands(version.rows)} rows, {version.task or 'no target'}"
    yield "Content hash", version.digest or "none"
    yield "Model", str(experiment.hypermodel_version)
    yield "Sampler", strategy_label(SAMPLERS, experiment.sampler)
    yield "Pruner", strategy_label(PRUNERS, experiment.pruner)
    yield "Budget", ", ".join(_budget(experiment))
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


def _budget(experiment: Experiment) -> Iterator[str]:
    yield f"{thousands(experiment.max_trials)} trials"
    if experiment.max_seconds:
        yield duration(experiment.max_seconds)
    if experiment.max_epochs:
        yield f"{thousands(experiment.max_epochs)} epochs"
    if experiment.max_slot_seconds:
        yield f"{duration(experiment.max_slot_seconds)} of slots"
    if experiment.target_score is not None:
        yield f"until {plain(experiment.target_score)}"
    if experiment.least_gain is not None:
        yield f"until 20 more trials would gain less than {plain(experiment.least_gain)}"
    if experiment.max_failed_share is not None:
        yield f"until more than {experiment.max_failed_share:.0%} fail"


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
