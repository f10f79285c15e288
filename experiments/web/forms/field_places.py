"""Room: web. Which form field shows a problem of the plan, and what the field is called."""

import re
from collections.abc import Callable, Mapping

from experiments.web.forms.experiment_fields import FIELDS

RANGE = re.compile(r"Must be between ([\d.,]+) and ([\d.,]+)\.")
UNITS: dict[str, tuple[str, Callable[[float], float]]] = {
    "max_minutes": ("minutes", lambda seconds: seconds / 60),
    "max_slot_hours": ("hours", lambda seconds: seconds / 3600),
    "max_failed_percent": ("%", lambda share: share * 100),
    "validation_percent": ("%", lambda share: share * 100),
    "peak_percent": ("%", lambda share: share * 100),
    "locked_percent": ("%", lambda share: share * 100),
}

PLACES = (
    ("fit.early_stopping_patience", "patience"),
    ("fit.reduce_lr", "rate"),
    ("fit.schedule", "rate"),
    ("protocol.locked_test_share", "locked_percent"),
    ("protocol", "validation_percent"),
    ("fit", "method"),
    ("sampler_options", "sampler"),
    ("pruner_options", "pruner"),
    ("space.constraints", "constraints"),
    ("space", "space"),
    ("layers", "layers"),
    ("budget", "max_trials"),
)
LABELS = {
    "dataset_version": "Data",
    "model": "Model",
    "layers": "Layers",
    "space": "Search space",
    "constraints": "Rules",
    "name": "Name",
    "notes": "Notes",
    "tags": "Tags",
    "sampler": "Method",
    "pruner": "Pruner",
    "protocol_kind": "Split",
    "folds": "Folds",
    "rounds": "Rounds",
    "validation_percent": "Validation share",
    "repeats": "Seeds",
    "racing": "Fold racing",
    "respecting": "Respecting",
    "split_column": "Column",
    "locked_percent": "Locked test part",
    "objective": "Score",
    "more_objective_1": "Second objective",
    "more_objective_2": "Third objective",
    "more_objective_3": "Fourth objective",
    "expression": "Expression",
    "direction": "Direction",
    "score_rule": "From each curve",
    "winner_rule": "Winner",
    "confirm": "Leaders again",
    "baselines": "Baselines",
    "metrics": "Metrics",
    "patience": "DatabaseRetry",
    "min_delta": "Smallest gain",
    "monitor": "Watches",
    "mode": "Better is",
    "baseline": "Baseline",
    "start_from_epoch": "Starts after",
    "rate": "Learning rate",
    "rate_monitor": "Learning rate watches",
    "rate_mode": "Better is, for the learning rate",
    "rate_factor": "Learning rate times",
    "rate_patience": "Patience of the learning rate",
    "rate_min_delta": "Smallest gain, for the learning rate",
    "rate_cooldown": "Cooldown",
    "rate_min_lr": "Lowest learning rate",
    "decay_rate": "Learning rate times",
    "decay_epochs": "Every so many epochs",
    "alpha": "Ends at",
    "warmup_epochs": "Warm-up",
    "peak_percent": "Top after",
    "div_factor": "Starts at 1/",
    "final_div_factor": "Ends lower by 1/",
    "keep_models": "Models to keep",
    "keep_models_best": "Models of the best few",
    "keep_predictions": "Predictions to keep",
    "keep_predictions_best": "Predictions of the best few",
    "keep_logs": "Logs to keep",
    "keep_checkpoints": "Checkpoints to keep",
    "keep_days": "Days to keep",
    "on_nan": "A loss that is no number",
    "max_minutes": "Time",
    "max_trials": "Trials",
    "max_epochs": "Epochs in all",
    "max_slot_hours": "Slot-hours",
    "target_score": "Target score",
    "least_gain": "Least gain",
    "max_failures": "Failures in a row",
    "max_failed_percent": "Share of failures",
    "parallel": "Parallel trials",
    "seed": "Seed",
    "warm_experiments": "Earlier searches",
    "configurations": "Configurations",
}


def field_of(path: str, chosen: Mapping[str, str] | None = None) -> str:
    """Name the form field that shows a problem of the plan's `path`.

    chosen: the slug of the sampler and of the pruner, whose options have fields of their own.
    """
    for plain in FIELDS:
        if path == plain.path or path.startswith(f"{plain.path}."):
            return plain.name
    for prefix, name in PLACES:
        if path == prefix or path.startswith(f"{prefix}."):
            rest = path.removeprefix(prefix).strip(".")
            slug = (chosen or {}).get(name)
            return f"{name}-{slug}-{rest}" if slug and rest else name
    return ""


def in_form_units(field: str, message: str) -> str:
    """A range as the field counts: the plan holds seconds and shares, the form minutes and %."""
    found = RANGE.fullmatch(message)
    if found is None or field not in UNITS:
        return message
    unit, convert = UNITS[field]
    low, high = (round(convert(float(text.replace(",", ""))), 2) for text in found.groups())
    return f"Must be between {low:,g} and {high:,g} {unit}."
