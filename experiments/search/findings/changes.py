"""Room: search (standard library only). Writes what a finding proposes into a plan, as JSON.

The plan is checked afterwards like any other: by the form that it opens in.
"""

from collections.abc import Mapping
from typing import Any


def changed(plan: Mapping[str, Any], act: str, change: Mapping[str, Any]) -> dict[str, Any]:
    """The plan with the change of an `Action`; as it was where the act changes no plan."""
    plan = dict(plan)
    space = dict(plan.get("space") or {})
    if act == "widen":
        plan["space"] = _with_row(space, change["name"], change["fields"])
    elif act == "fix":
        fixed = {"type": "fixed", "value": change["value"], "default": None}
        plan["space"] = _with_row(space, change["name"], fixed, keep=("only_if", "unit", "help"))
    elif act == "forbid":
        rules = list(space.get("constraints") or ())
        new = [] if change["constraint"] in rules else [change["constraint"]]
        plan["space"] = space | {"constraints": [*rules, *new]}
    elif act == "early_stopping":
        plan["fit"] = dict(plan.get("fit") or {}) | dict(change)
    elif act == "reuse":
        warm = dict(plan.get("warm_start") or {})
        plan["warm_start"] = warm | {"experiments": list(change["experiments"])}
    elif act == "parallel":
        plan["budget"] = dict(plan.get("budget") or {}) | dict(change)
    return plan


def _with_row(
    space: dict[str, Any],
    name: str,
    fields: Mapping[str, Any],
    keep: tuple[str, ...] | None = None,
) -> dict[str, Any]:
    """The space with some fields of one row changed; keep: what else stays, or all of it."""
    rows = []
    for row in space.get("hyperparameters") or ():
        if row.get("name") == name:
            kept = row if keep is None else {each: row[each] for each in keep if each in row}
            row = {"name": name, **kept, **fields}
        rows.append(row)
    return space | {"hyperparameters": rows}
