"""Room: web. The query of the edit page that holds what a finding proposes: docs/guide/editing.md."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from experiments.web.forms import typed

IN_PLACE: Final = ("widen", "fix", "forbid", "parallel")  # acts that a running search takes


def edit_query(act: str, change: Mapping[str, Any]) -> str:
    """Such as "widen=learning_rate:3e-05:"; act: one of `IN_PLACE`."""
    if act == "parallel":
        return urlencode({"slots": change["parallel"]})
    if act == "forbid":
        return urlencode({"rule": change["constraint"]})
    name = change["name"]
    if act == "fix":
        return urlencode({"fix": f"{name}:{typed.shown(change['value'])}"})
    fields = change["fields"]
    if "choices" in fields:  # in their order, which adding would not keep
        choices = ", ".join(typed.shown(choice) for choice in fields["choices"])
        return urlencode({"tune": f"{name}:{choices}"})
    low, high = (typed.shown(fields.get(end)) for end in ("min", "max"))
    return urlencode({"widen": f"{name}:{low}:{high}"})
