"""Room: web. Further objectives as fields of the new-experiment form, and back."""

import re
from collections.abc import Mapping
from typing import Any, Final

from experiments.catalog.further_objectives import MOST
from experiments.evaluation.objectives import direction_of

MORE_OBJECTIVES: Final = tuple(f"more_objective_{place}" for place in range(1, MOST + 1))
FURTHER: Final = dict(
    zip(
        MORE_OBJECTIVES,
        ("Second objective", "Third objective", "Fourth objective"),
        strict=True,
    )
)
PLACE: Final = re.compile(r"more_objectives\.(\d+)(?:\..*)?")


def show_more_objectives(plan: Mapping[str, Any]) -> dict[str, str]:
    """Write a plan's further objectives, which may be wrong, as fields."""
    told = plan.get("more_objectives")
    names = [
        str(each.get("name", ""))[:60] if isinstance(each, dict) else ""
        for each in (told if isinstance(told, list) else [])
    ]
    names += [""] * MOST
    return dict(zip(MORE_OBJECTIVES, names[:MOST], strict=True))


def read_more_objectives(fields: Mapping[str, str]) -> list[dict[str, str]]:
    """The plan's list; each follows its own direction."""
    return [
        {"name": fields[name], "direction": direction_of(fields[name])} for name in _used(fields)
    ]


def more_objective_field(path: str, fields: Mapping[str, str]) -> str:
    """The field that shows a problem of the plan's path; empty where it is another's."""
    found = PLACE.fullmatch(path)
    if found is None:
        return MORE_OBJECTIVES[0] if path == "more_objectives" else ""
    used = _used(fields)
    return used[int(found[1])] if int(found[1]) < len(used) else MORE_OBJECTIVES[0]


def _used(fields: Mapping[str, str]) -> list[str]:
    return [name for name in MORE_OBJECTIVES if fields.get(name, "").strip()]
