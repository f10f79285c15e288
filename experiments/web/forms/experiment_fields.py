"""Room: web. Every single-valued field of the new-experiment form, and where it lies in the plan.

The names are stable: `make demo` and other scripts post them. A field that is left out takes the
form's default. Checkboxes send 1, or an empty value when they are off.
"""

from typing import Any

from experiments.web.forms import typed
from experiments.web.forms.configurations import read_configurations, show_configurations
from experiments.web.forms.fit_fields import EARLY_STOPPING, FIT_FIELDS, PATIENCE, RATE
from experiments.web.forms.keep_fields import KEEP_FIELDS
from experiments.web.forms.plan_field import PlanField, checkbox, number_field, text_field


def _show_list(value: Any) -> str:
    if not isinstance(value, list | tuple):
        return typed.shown(value)
    return ", ".join(typed.shown(entry) for entry in value)


FIELDS: tuple[PlanField, ...] = (
    number_field("dataset_version", "dataset_version"),
    text_field("model"),
    text_field("name"),
    text_field("notes"),
    PlanField("tags", "tags", typed.listed, _show_list),
    text_field("sampler"),
    text_field("pruner"),
    text_field("protocol_kind", "protocol.kind"),
    number_field("folds", "protocol.folds"),
    number_field("rounds", "protocol.rounds"),
    PlanField(
        "validation_percent", "protocol.validation_share", typed.percent, typed.shown_percent
    ),
    number_field("repeats", "protocol.repeats"),
    checkbox("racing", "protocol.racing"),
    text_field("respecting", "protocol.respecting"),
    text_field("split_column", "protocol.column"),
    text_field("objective"),
    text_field("expression"),
    text_field("direction"),
    text_field("score_rule"),
    text_field("winner_rule"),
    number_field("confirm", "confirm"),
    checkbox("baselines", "baselines"),
    PlanField("metrics", "metrics", typed.listed, _show_list),
    *FIT_FIELDS,
    checkbox("class_weight", "fit.class_weight"),
    checkbox("deterministic", "fit.deterministic"),
    text_field("method", "fit.method"),
    PlanField("max_minutes", "budget.max_seconds", typed.minutes, typed.shown_minutes),
    number_field("max_trials", "budget.max_trials"),
    number_field("max_epochs", "budget.max_epochs"),
    PlanField("max_slot_hours", "budget.max_slot_seconds", typed.hours, typed.shown_hours),
    number_field("target_score", "budget.target_score"),
    number_field("least_gain", "budget.least_gain"),
    number_field("max_failures", "budget.max_failures"),
    PlanField("max_failed_percent", "budget.max_failed_share", typed.percent, typed.shown_percent),
    number_field("parallel", "budget.parallel"),
    number_field("seed", "seed"),
    *KEEP_FIELDS,
    PlanField("warm_experiments", "warm_start.experiments", typed.listed, _show_list),
    PlanField(
        "configurations",
        "warm_start.configurations",
        read_configurations,
        show_configurations,
    ),
)

# Fields that two of them make one value of the plan.
LOCKED_TEST = "locked_test"  # own: the dataset's test part; share: `locked_percent`; none
OTHERS = (EARLY_STOPPING, PATIENCE, RATE, LOCKED_TEST, "locked_percent", "layers", "constraints")


def read_locked_test(choice: str, percent: str) -> Any:
    """Read the locked test part: None for the dataset's own, a share, or 0 for none."""
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
