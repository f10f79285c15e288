"""Room: web. What a pasted script says of its search, written over the form's defaults."""

from collections.abc import Mapping
from typing import Any

from experiments.catalog.code import CodeTemplate
from experiments.catalog.further_objectives import MOST
from experiments.catalog.shipped_data import TITLES
from experiments.catalog.template import Template
from experiments.evaluation.expression import CUSTOM
from experiments.evaluation.metrics import direction_of, objectives

NESTED = ("protocol", "budget", "fit")
WHOLE = ("sampler", "pruner", "seed", "name")


def script_of(template: Template) -> Mapping[str, Any]:
    """What the model's code says beside its space; empty for everything that isn't a script."""
    if not isinstance(template, CodeTemplate):
        return {}
    if template.script or "objective" not in template.measures:
        return template.script
    return {"plan": {"objective": "val_objective", "direction": template.direction}}


def title_of_data(script: Mapping[str, Any]) -> str:
    """The name of the data that a script loads, where this site has it; else empty."""
    names = script.get("datasets") or []
    return TITLES.get(names[0], "") if names else ""


def words_of(script: Mapping[str, Any]) -> list[str]:
    """What the form took from a whole script, in sentences for the page; none where there was none."""
    if "kind" not in script:
        return []
    script_plan = script.get("plan") or {}
    budget, protocol, rows = (script_plan.get(name, {}) for name in ("budget", "protocol", "rows"))
    trials, runs = budget.get("max_trials"), protocol.get("repeats", 1)
    parts = [
        str(script_plan.get("objective") or ""),
        f"{trials} {'trial' if trials == 1 else 'trials'}" if trials else "",
        f"{runs} executions each" if runs > 1 else "",
        f"{protocol['validation_share']:.0%} for validation"
        if "validation_share" in protocol
        else "",
        f"{rows['epochs']} epochs of batches of {rows['batch_size']}" if len(rows) == 2 else "",
    ]
    more = [str(each["name"]) for each in script_plan.get("more_objectives") or ()]
    parts.insert(1, f"with {', '.join(more)}" if more else "")
    found = [
        f"Filled in from the script: {', '.join(filter(None, parts))}. You can change all values."
    ]
    if script.get("reads_test_part"):
        found.append("The script reads the dataset's own test set, so that is not locked.")
    if script.get("own_validation"):
        found.append(
            "The script has its own validation data: trials use it, whatever the protocol says."
        )
    return found


def written_over(plan: dict[str, Any], script: Mapping[str, Any]) -> dict[str, Any]:
    """The plan with what the script says: it is a default, which a person may change."""
    script_plan = script.get("plan") or {}
    plan = plan | {name: script_plan[name] for name in WHOLE if name in script_plan}
    for name in NESTED:
        plan[name] = plan[name] | script_plan.get(name, {})
    if "sampler" in script_plan:
        plan["sampler_options"] = {}
    if "pruner" in script_plan:
        plan["pruner_options"] = {}
    if script and script.get("kind") == "fit":
        plan |= {"pruner": "none", "pruner_options": {}, "baselines": False}
    plan = _with_objective(plan, script_plan)
    plan["more_objectives"] = _more_objectives(plan, script_plan)
    rows = script_plan.get("rows", {})
    space = plan["space"]
    plan["space"] = space | {
        "hyperparameters": [_fixed_row(row, rows) for row in space["hyperparameters"]]
    }
    return plan


def _with_objective(plan: dict[str, Any], script_plan: Mapping[str, Any]) -> dict[str, Any]:
    """A measure that this site knows, by its own direction; else, or the other way round, a custom one."""
    name = str(script_plan.get("objective") or "")
    if not name:
        return plan
    direction = str(script_plan.get("direction") or direction_of(name))
    if name in objectives(plan["metrics"]) and direction == direction_of(name):
        return plan | {"objective": name, "direction": direction}
    return plan | {"objective": CUSTOM, "expression": name, "direction": direction}


def _more_objectives(
    plan: Mapping[str, Any], script_plan: Mapping[str, Any]
) -> list[dict[str, str]]:
    """The script's further objectives; of what nothing here measures, the form says so at its row."""
    found = [dict(each) for each in script_plan.get("more_objectives") or ()]
    return [each for each in found if each["name"] != plan["objective"]][:MOST] or list(
        plan.get("more_objectives") or ()
    )


def _fixed_row(row: dict[str, Any], script_plan: Mapping[str, Any]) -> dict[str, Any]:
    """Batch size and epochs are as the script has them, and not searched."""
    name = row["name"]
    if name not in script_plan:
        return row
    blank = dict.fromkeys(("min", "max", "step", "choices"))
    return (
        row
        | blank
        | {"type": "fixed", "value": script_plan[name], "default": None, "scale": "linear"}
    )
