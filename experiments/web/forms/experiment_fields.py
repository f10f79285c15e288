"""Room: web. Every single-valued field of the new-experiment form, and where it lies in the plan.

The names are stable: `make demo` and other scripts post them. A field that is left out takes the
form's default. Checkboxes send 1, or an empty value when they are off.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from experiments.web.forms import typed
from experiments.web.forms.configurations import read_configurations, show_configurations


@dataclass(frozen=True, slots=True)
class PlanField:
    """One form field. `read` turns its text into JSON, `show` turns JSON into its text."""

    name: str
    path: str
    read: Callable[[str], Any]
    show: Callable[[Any], str]


def _flag(text: str) -> bool:
    return text.strip().lower() in ("1", "true", "on", "yes")


def _show_flag(value: Any) -> str:
    return "1" if value is True else ""


def _show_list(value: Any) -> str:
    if not isinstance(value, list | tuple):
        return typed.shown(value)
    return ", ".join(typed.shown(entry) for entry in value)


def _text(name: str, path: str = "") -> PlanField:
    return PlanField(name, path or name, str, typed.shown)


def _number(name: str, path: str) -> PlanField:
    return PlanField(name, path, typed.number, typed.shown)


def _checkbox(name: str, path: str) -> PlanField:
    return PlanField(name, path, _flag, _show_flag)


FIELDS: tuple[PlanField, ...] = (
    _number("dataset_version", "dataset_version"),
    _text("model"),
    _text("name"),
    _text("notes"),
    PlanField("tags", "tags", typed.listed, _show_list),
    _text("sampler"),
    _text("pruner"),
    _text("protocol_kind", "protocol.kind"),
    _number("folds", "protocol.folds"),
    _number("rounds", "protocol.rounds"),
    PlanField(
        "validation_percent", "protocol.validation_share", typed.percent, typed.shown_percent
    ),
    _number("repeats", "protocol.repeats"),
    _checkbox("racing", "protocol.racing"),
    _text("respecting", "protocol.respecting"),
    _text("split_column", "protocol.column"),
    _text("objective"),
    _text("direction"),
    _text("score_rule"),
    _text("winner_rule"),
    _checkbox("baselines", "baselines"),
    PlanField("metrics", "metrics", typed.listed, _show_list),
    _number("min_delta", "fit.early_stopping_min_delta"),
    _checkbox("class_weight", "fit.class_weight"),
    _checkbox("deterministic", "fit.deterministic"),
    _text("method", "fit.method"),
    PlanField("max_minutes", "budget.max_seconds", typed.minutes, typed.shown_minutes),
    _number("max_trials", "budget.max_trials"),
    _number("max_epochs", "budget.max_epochs"),
    PlanField("max_slot_hours", "budget.max_slot_seconds", typed.hours, typed.shown_hours),
    _number("target_score", "budget.target_score"),
    _number("least_gain", "budget.least_gain"),
    _number("max_failures", "budget.max_failures"),
    PlanField("max_failed_percent", "budget.max_failed_share", typed.percent, typed.shown_percent),
    _number("parallel", "budget.parallel"),
    _number("seed", "seed"),
    PlanField("warm_experiments", "warm_start.experiments", typed.listed, _show_list),
    PlanField(
        "configurations",
        "warm_start.configurations",
        read_configurations,
        show_configurations,
    ),
)

# Fields that two of them make one value of the plan.
EARLY_STOPPING = "early_stopping"  # 1: `patience` counts; empty: no early stopping
LOCKED_TEST = "locked_test"  # own: the data set's test part; share: `locked_percent`; none
OTHERS = (EARLY_STOPPING, "patience", LOCKED_TEST, "locked_percent", "layers", "constraints")


def put(target: dict[str, Any], path: str, value: Any) -> None:
    """Set a value at a dotted path, making the objects on the way."""
    *holders, last = path.split(".")
    for holder in holders:
        target = target.setdefault(holder, {})
    target[last] = value


def take(source: Any, path: str) -> Any:
    """Get the value at a dotted path; None where there is none."""
    for part in path.split("."):
        source = source.get(part) if isinstance(source, dict) else None
    return source


def read_locked_test(choice: str, percent: str) -> Any:
    """Read the locked test part: None for the data set's own, a share, or 0 for none."""
    if choice == "own":
        return None
    return typed.percent(percent) if choice == "share" else 0


def show_locked_test(share: Any) -> dict[str, str]:
    """Write the locked test part as its two fields."""
    if share is None:
        return {LOCKED_TEST: "own", "locked_percent": "20"}
    if share == 0:
        return {LOCKED_TEST: "none", "locked_percent": "20"}
    return {LOCKED_TEST: "share", "locked_percent": typed.shown_percent(share)}


def show_early_stopping(patience: Any) -> dict[str, str]:
    """Write the patience as its two fields; no patience is early stopping turned off."""
    if patience is None:
        return {EARLY_STOPPING: "", "patience": "5"}
    return {EARLY_STOPPING: "1", "patience": typed.shown(patience)}
