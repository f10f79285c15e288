"""Room: web. One field of the new-experiment form, and where it lies in the plan's JSON."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from experiments.web.forms import typed


@dataclass(frozen=True, slots=True)
class PlanField:
    """One form field. `read` turns its text into JSON, `show` turns JSON into its text."""

    name: str
    path: str
    read: Callable[[str], Any]
    show: Callable[[Any], str]


def text_field(name: str, path: str = "") -> PlanField:
    """Text as it stands."""
    return PlanField(name, path or name, str, typed.shown)


def number_field(name: str, path: str) -> PlanField:
    """A number; what is none stays text for the validator to name."""
    return PlanField(name, path, typed.number, typed.shown)


def checkbox(name: str, path: str) -> PlanField:
    """True or false."""
    return PlanField(name, path, _flag, _show_flag)


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


def _flag(text: str) -> bool:
    return text.strip().lower() in ("1", "true", "on", "yes")


def _show_flag(value: Any) -> str:
    return "1" if value is True else ""
