"""Room: web. What a search keeps on the disk, as fields of the new-experiment form, and back."""

from collections.abc import Mapping
from typing import Any, Final

from experiments.evaluation.keep import Keep
from experiments.web.forms import typed
from experiments.web.forms.plan_field import PlanField, number_field, take, text_field

KEEP_FIELDS: Final[tuple[PlanField, ...]] = (
    text_field("keep_models", "keep.models"),
    number_field("keep_models_best", "keep.models_best"),
    text_field("keep_predictions", "keep.predictions"),
    number_field("keep_predictions_best", "keep.predictions_best"),
    text_field("keep_logs", "keep.logs"),
    text_field("keep_checkpoints", "keep.checkpoints"),
    number_field("keep_days", "keep.days"),
)
WHICH: Final = (
    ("all", "of all trials"),
    ("best", "of the best few"),
    ("none", "of the winner alone"),
)
LOGS: Final = (
    ("all", "of all trials"),
    ("failed", "of failed trials"),
    ("none", "of the winner alone"),
)
CHECKPOINTS: Final = (
    ("resumable", "while a trial could go on"),
    ("ended", "until the search ends"),
)
DEFAULTS: Final = {"keep": Keep().to_dict()}


def show_keep(plan: Mapping[str, Any]) -> dict[str, str]:
    """Write a plan's rule as fields; what it doesn't say shows its default."""
    shown = {}
    for plain in KEEP_FIELDS:
        value = take(plan, plain.path)
        shown[plain.name] = typed.shown(take(DEFAULTS, plain.path) if value is None else value)
    return shown


def put_keep(plan: dict[str, Any]) -> None:
    """Leave out how many are the best few where nobody asks for that."""
    keep = plan["keep"]
    for name in ("models", "predictions"):
        if keep[name] != "best":
            del keep[f"{name}_best"]
