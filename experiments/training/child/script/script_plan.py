"""Converts a script's search or training into values of the experiment form.

What has no counterpart is noted.
"""

from typing import Any

import keras
import numpy as np

from experiments.training.child.script.batches import batch_size_of, pack_of
from experiments.training.child.script.capture import Captured
from experiments.training.child.script.own_tuner import has_own_run, kind_of
from experiments.training.child.script.trial_data import NO_LABELS

SAMPLERS = {
    "RandomSearch": "random", "BayesianOptimization": "bayesian", "GridSearch": "grid",
    "Hyperband": "random",
}  # fmt: skip
BATCH = 32  # Keras's own
HIGHER = ("acc", "auc", "precision", "recall", "f1", "r2", "iou", "score", "similarity", "true_")
IGNORED = {
    "class_weight": "its class weights; the form can balance classes",
    "sample_weight": "its sample weights",
    "initial_epoch": "initial_epoch",
    "steps_per_epoch": "steps_per_epoch: an epoch is one pass over all rows",
    "validation_steps": "validation_steps",
}


def plan_of(captured: Captured, notes: list[str]) -> dict[str, Any]:
    """The plan's fields that the script sets; `rows` are of its space."""
    arguments = captured.arguments
    size = arguments.get("batch_size") or batch_size_of(arguments) or BATCH
    rows = {"batch_size": size, "epochs": arguments.get("epochs", 1)}
    plan: dict[str, Any] = {"rows": {name: int(value) for name, value in rows.items()}}
    protocol: dict[str, Any] = {}
    share = arguments.get("validation_split") or 0.0
    if arguments.get("validation_data") is not None:
        # The script brings its own validation rows: no test set is locked.
        protocol = {"locked_test_share": 0.0, "kind": "holdout"}
    elif share:
        protocol = {"kind": "holdout", "validation_share": round(float(share), 6)}
    plan["protocol"] = protocol | {"repeats": 1}
    plan["fit"] = _fit(arguments.get("callbacks"), notes)
    for name, words in IGNORED.items():
        # For batches it defines an epoch.
        counts = name.endswith("steps") or name == "steps_per_epoch"
        if arguments.get(name) and not (counts and pack_of(arguments.get("x")) != "arrays"):
            notes.append(f"Line {captured.line}: {words} — not used.")
    if captured.kind == "search":
        _put_search(captured, plan, notes)
    else:
        plan["objective"] = _objective_of(captured)
        plan["budget"] = {"max_trials": 1}
        plan["sampler"] = "random"
    if arguments.get("y") is None and pack_of(arguments.get("x")) == "arrays":
        notes.append(f"Line {captured.line}: {NO_LABELS}")
    return plan


def _put_search(captured: Captured, plan: dict[str, Any], notes: list[str]) -> None:
    settings, kind = captured.tuner.settings, kind_of(captured.tuner)
    plan["sampler"] = SAMPLERS.get(kind, "auto")
    plan["pruner"] = "none"
    objective = settings.get("objective")
    several = objective if isinstance(objective, list | tuple) else [objective]
    name, direction = _objective(several[0])
    others = [_objective(each) for each in several[1:]]
    plan["more_objectives"] = [{"name": each, "direction": way} for each, way in others if each]
    given = {
        "objective": name,
        "direction": direction,
        "seed": settings.get("seed"),
        "name": str(settings.get("project_name") or "")[:120],
    }
    plan |= {key: value for key, value in given.items() if value not in ("", None)}
    most = settings.get("max_trials")
    plan["budget"] = {"max_trials": int(most)} if most else {}
    # Run all of its executions: racing would skip some.
    repeats = int(settings.get("executions_per_trial") or 1)
    plan["protocol"] |= {"repeats": repeats, "racing": False}
    if kind == "Hyperband":
        _put_hyperband(settings, plan, notes)
    if has_own_run(captured.tuner):
        notes.append(
            f"{type(captured.tuner).__name__}.run_trial trains each trial, on the rows "
            "that this site provides."
        )


def _put_hyperband(settings: dict[str, Any], plan: dict[str, Any], notes: list[str]) -> None:
    plan["pruner"] = "hyperband"
    plan["rows"]["epochs"] = int(settings.get("max_epochs") or plan["rows"]["epochs"])
    notes.append(
        "Hyperband becomes the pruner: it stops trials at its rungs, and max_epochs "
        "becomes epochs."
    )


def _objective(objective: Any) -> tuple[str, str]:
    if objective is None:
        return "", ""
    if isinstance(objective, str):
        name = {"val_acc": "val_accuracy", "acc": "accuracy"}.get(objective, objective)
        return name, direction_by_name(name)
    direction = {"max": "maximize", "min": "minimize"}.get(
        str(getattr(objective, "direction", "")), ""
    )
    name, _ = _objective(str(getattr(objective, "name", "")))
    return name, direction or direction_by_name(name)


def direction_by_name(name: str) -> str:
    """KerasTuner's rule, but f1, r2 and similarities are maximized."""
    plain = name.removeprefix("val_").removeprefix("weighted_")
    if "loss" in plain or "error" in plain:
        return "minimize"
    return "maximize" if any(word in plain for word in HIGHER) else "minimize"


def _objective_of(captured: Captured) -> str:
    """The objective of a single training: its first metric, else its loss."""
    config = captured.model.get_compile_config() or {} if captured.model.compiled else {}
    metrics = config.get("metrics")
    names = (
        [name for name in metrics if isinstance(name, str)] if isinstance(metrics, list) else []
    )
    is_classes = "crossentropy" in str(config.get("loss"))
    first = names[0] if names else ("accuracy" if is_classes else "loss")
    return f"val_{'accuracy' if first == 'acc' else first}"


def _fit(callbacks: Any, notes: list[str]) -> dict[str, Any]:
    """Early stopping and the plateau callback for the form; off where the script has none."""
    fit: dict[str, Any] = {"early_stopping_patience": None}
    for each in (
        callbacks if isinstance(callbacks, list | tuple) else [callbacks] if callbacks else []
    ):
        if isinstance(each, keras.callbacks.EarlyStopping):
            fit |= {
                "early_stopping_patience": int(each.patience),
                "early_stopping_min_delta": abs(float(np.nan_to_num(each.min_delta))),
                "early_stopping_monitor": _logged(each.monitor),
                "early_stopping_start_from_epoch": int(each.start_from_epoch),
            }
        elif isinstance(each, keras.callbacks.ReduceLROnPlateau):
            fit["reduce_lr"] = {
                "monitor": _logged(each.monitor),
                "factor": float(each.factor),
                "patience": int(each.patience),
                "min_delta": float(each.min_delta),
                "cooldown": int(each.cooldown),
                "min_lr": float(each.min_lr),
            }
        elif isinstance(each, keras.callbacks.ModelCheckpoint | keras.callbacks.TensorBoard):
            notes.append(
                f"{type(each).__name__} is ignored: this site stores models and curves itself."
            )
    return fit


def _logged(name: str) -> str:
    return {"val_acc": "val_accuracy", "acc": "accuracy"}.get(name, name)
