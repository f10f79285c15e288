"""Converts a script's search or training into values of the experiment form.

Whatever can't be taken over is said in a note.
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
    """The fields of a plan that the script fills in; nested as a plan is, `rows` for its space."""
    told = captured.told
    size = told.get("batch_size") or batch_size_of(told) or BATCH
    rows = {"batch_size": size, "epochs": told.get("epochs", 1)}
    plan: dict[str, Any] = {"rows": {name: int(value) for name, value in rows.items()}}
    protocol: dict[str, Any] = {"locked_test_share": 0.0} if _has_tests(captured) else {}
    share = told.get("validation_split") or 0.0
    if share and told.get("validation_data") is None:
        protocol |= {"kind": "holdout", "validation_share": round(float(share), 6)}
    elif told.get("validation_data") is not None:
        protocol |= {"kind": "holdout"}
    plan["protocol"] = protocol | {"repeats": 1}
    plan["fit"] = _fit(told.get("callbacks"), notes)
    for name, words in IGNORED.items():
        # Of batches it says where an epoch ends.
        counts = name.endswith("steps") or name == "steps_per_epoch"
        if told.get(name) and not (counts and pack_of(told.get("x")) != "arrays"):
            notes.append(f"Line {captured.line}: {words} — not used.")
    if captured.kind == "search":
        _put_search(captured, plan, notes)
    else:
        plan["objective"] = _objective_of(captured)
        plan["budget"] = {"max_trials": 1}
        plan["sampler"] = "random"
    if told.get("y") is None and pack_of(told.get("x")) == "arrays":
        notes.append(f"Line {captured.line}: {NO_LABELS}")
    return plan


def _has_tests(captured: Captured) -> bool:
    """Where the script validates on rows of its own, there is nothing for this site to lock."""
    return captured.told.get("validation_data") is not None


def _put_search(captured: Captured, plan: dict[str, Any], notes: list[str]) -> None:
    told, kind = captured.tuner.told, kind_of(captured.tuner)
    plan["sampler"] = SAMPLERS.get(kind, "auto")
    plan["pruner"] = "none"
    objective = told.get("objective")
    several = objective if isinstance(objective, list | tuple) else [objective]
    name, direction = _objective(several[0])
    others = [_objective(each) for each in several[1:]]
    plan["more_objectives"] = [{"name": each, "direction": way} for each, way in others if each]
    given = {
        "objective": name,
        "direction": direction,
        "seed": told.get("seed"),
        "name": str(told.get("project_name") or "")[:120],
    }
    plan |= {key: value for key, value in given.items() if value not in ("", None)}
    most = told.get("max_trials")
    plan["budget"] = {"max_trials": int(most)} if most else {}
    # All of its executions are run, as it says: racing would leave some out.
    repeats = int(told.get("executions_per_trial") or 1)
    plan["protocol"] |= {"repeats": repeats, "racing": False}
    if kind == "Hyperband":
        _put_hyperband(told, plan, notes)
    if has_own_run(captured.tuner):
        notes.append(
            f"{type(captured.tuner).__name__}.run_trial trains each trial, on the rows "
            "that this site provides."
        )


def _put_hyperband(told: dict[str, Any], plan: dict[str, Any], notes: list[str]) -> None:
    plan["pruner"] = "hyperband"
    plan["rows"]["epochs"] = int(told.get("max_epochs") or plan["rows"]["epochs"])
    notes.append(
        "Hyperband becomes the pruner: it stops trials at its rungs, and max_epochs "
        "becomes epochs."
    )


def _objective(told: Any) -> tuple[str, str]:
    if told is None:
        return "", ""
    if isinstance(told, str):
        name = {"val_acc": "val_accuracy", "acc": "accuracy"}.get(told, told)
        return name, direction_by_name(name)
    direction = {"max": "maximize", "min": "minimize"}.get(str(getattr(told, "direction", "")), "")
    name, _ = _objective(str(getattr(told, "name", "")))
    return name, direction or direction_by_name(name)


def direction_by_name(name: str) -> str:
    """Which way is better: KerasTuner's rule, but f1, r2 and similarities are better when higher."""
    plain = name.removeprefix("val_").removeprefix("weighted_")
    if "loss" in plain or "error" in plain:
        return "minimize"
    return "maximize" if any(word in plain for word in HIGHER) else "minimize"


def _objective_of(captured: Captured) -> str:
    """What ranks a single trial: its first metric, else its loss."""
    config = captured.model.get_compile_config() or {} if captured.model.compiled else {}
    metrics = config.get("metrics")
    names = (
        [name for name in metrics if isinstance(name, str)] if isinstance(metrics, list) else []
    )
    is_classes = "crossentropy" in str(config.get("loss"))
    first = names[0] if names else ("accuracy" if is_classes else "loss")
    return f"val_{'accuracy' if first == 'acc' else first}"


def _fit(callbacks: Any, notes: list[str]) -> dict[str, Any]:
    """Early stopping and a plateau's rate as the form has them; off where the script has none."""
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
