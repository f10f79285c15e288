"""Room: web. Which form field shows a problem of the plan, and what the field is called."""

from experiments.web.forms.experiment_fields import FIELDS

PLACES = (
    ("fit.early_stopping_patience", "patience"),
    ("protocol.locked_test_share", "locked_percent"),
    ("protocol", "validation_percent"),
    ("fit", "method"),
    ("sampler_options", "sampler"),
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
    "validation_percent": "Validation share",
    "repeats": "Seeds",
    "stratified": "Stratified",
    "locked_percent": "Locked test part",
    "objective": "Score",
    "direction": "Direction",
    "score_rule": "From each curve",
    "metrics": "Metrics",
    "patience": "Patience",
    "min_delta": "Smallest gain",
    "max_minutes": "Time",
    "max_trials": "Trials",
    "target_score": "Target score",
    "max_failures": "Failures in a row",
    "parallel": "Parallel trials",
    "seed": "Seed",
}


def field_of(path: str, sampler: str = "") -> str:
    """Name the form field that shows a problem of the plan's `path`."""
    for plain in FIELDS:
        if path == plain.path or path.startswith(f"{plain.path}."):
            return plain.name
    for prefix, name in PLACES:
        if path == prefix or path.startswith(f"{prefix}."):
            rest = path.removeprefix(prefix).strip(".")
            return f"sampler-{sampler}-{rest}" if name == "sampler" and rest else name
    return ""
