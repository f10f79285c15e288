"""Room: search (standard library only). Writes what a finding proposes into the plan of a copy, as JSON.

Only what can't be changed in a search that runs: the rest is edited in place (`web/finding_links.py`).
The plan is checked afterwards like any other: by the form that it opens in.
"""

from collections.abc import Mapping
from typing import Any, Final

IN_A_COPY: Final = ("early_stopping", "reuse")


def changed(plan: Mapping[str, Any], act: str, change: Mapping[str, Any]) -> dict[str, Any]:
    """The plan with the change of an `Action`; as it was where the act changes no plan."""
    plan = dict(plan)
    if act == "early_stopping":
        plan["fit"] = dict(plan.get("fit") or {}) | dict(change)
    elif act == "reuse":
        warm = dict(plan.get("warm_start") or {})
        plan["warm_start"] = warm | {"experiments": list(change["experiments"])}
    return plan
