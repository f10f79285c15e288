"""Applies a finding's action to the plan of a clone, as JSON.

Only what can't be changed in a search that runs: the rest is edited in place (`web/views/findings.py`).
The plan is checked afterwards like any other: by the form that it opens in.
"""

from collections.abc import Mapping
from typing import Any, Final

from experiments.search.space.hyperparameters import Fixed
from experiments.search.space.space import Space

IN_A_COPY: Final = ("early_stopping", "reuse", "epochs", "repeats", "trials")


def changed(plan: Mapping[str, Any], act: str, change: Mapping[str, Any]) -> dict[str, Any]:
    """The plan with the change of an `Action`; as it was where the act changes no plan."""
    plan = dict(plan)
    if act == "early_stopping":
        plan["fit"] = dict(plan.get("fit") or {}) | dict(change)
    elif act == "reuse":
        warm = dict(plan.get("warm_start") or {})
        plan["warm_start"] = warm | {"experiments": list(change["experiments"])}
    elif act == "epochs":
        plan["space"] = _with_epochs(plan["space"], change["epochs"])
    elif act == "repeats":
        protocol = dict(plan.get("protocol") or {})
        times = int(protocol.get("repeats", 1)) * int(change["times"])
        plan["protocol"] = protocol | {"repeats": times}
    elif act == "trials":
        plan["budget"] = dict(plan.get("budget") or {}) | dict(change)
    return plan


def _with_epochs(space: Mapping[str, Any], epochs: int) -> dict[str, Any]:
    """The space with another fixed number of epochs."""
    rows = [
        row | {"value": epochs} if row["name"] == "epochs" and row["type"] == "fixed" else row
        for row in space["hyperparameters"]
    ]
    return {**space, "hyperparameters": rows}


def is_done(act: str, change: Mapping[str, Any], space: Space, *, parallel: int) -> bool:
    """Whether a search with this space and so many slots does already what was proposed.

    False for what changes no running search. A hyperparameter that is gone needs no change.
    """
    if act == "parallel":
        return parallel >= int(change["parallel"])
    if act == "forbid":
        return change["constraint"] in [each.text for each in space.constraints]
    if act not in ("widen", "fix"):
        return False
    name = change["name"]
    if name not in space or isinstance(space[name], Fixed):
        return True
    return act == "widen" and _holds(space[name].to_dict(), change["fields"])


def _holds(row: Mapping[str, Any], fields: Mapping[str, Any]) -> bool:
    """Whether a row reaches as far as the wider fields: `min`, `max` or `choices`."""
    if "choices" in fields:
        return set(fields["choices"]) <= set(row["choices"])
    low, high = fields.get("min", row["min"]), fields.get("max", row["max"])
    return bool(row["min"] <= low and high <= row["max"])
