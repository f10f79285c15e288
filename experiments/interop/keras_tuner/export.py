"""Exports a search as a KerasTuner project folder for keras-tuner 1.4.8.

`oracle.json` carries the keys of every tuner at once, since unknown ones are ignored: the same folder
loads in RandomSearch, BayesianOptimization and Hyperband. GridSearch reads it but never goes on, with
folders of its own neither. Without `tuner0.json` a tuner would start anew, silently.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from experiments.evaluation.metrics import direction_of
from experiments.file_format import with_format
from experiments.interop.exported_search import ExportedSearch, ExportedTrial
from experiments.interop.imported_search import loose
from experiments.interop.keras_tuner.directions import WORDS
from experiments.search.history import Values
from experiments.search.space.conditions import parents_first
from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.hyperparameters import Boolean, Choice, Fixed, FloatRange, IntRange
from experiments.search.space.space import Space

OPEN: Final = ("waiting", "running", "paused")  # left out: KerasTuner would run them first
DEFAULTS: Final[dict[str, Any]] = {
    "hyperband_iterations": 1,
    "max_epochs": 100,
    "min_epochs": 1,
    "factor": 3,
    "brackets": [],
    "current_bracket": 0,
    "current_iteration": -1,  # so that the first of its iterations comes next
    "num_initial_points": None,
    "alpha": 1e-4,
    "beta": 2.6,
}


def write_project(search: ExportedSearch) -> dict[str, bytes]:
    """The files of the folder by their path in it."""
    trials = [trial for trial in search.trials if trial.state not in OPEN]
    keys = _keys(trials)
    entries = space_entries(search)
    names = search.source.get("names", {})  # here: there, of names that the import had to change
    documents = [_trial(search, trial, keys, entries, names) for trial in trials]
    found = {f"trial_{each['trial_id']}/trial.json": _json(each) for each in documents}
    found["oracle.json"] = _json(_oracle(search, documents, entries))
    found["tuner0.json"] = b"{}"
    found["site.json"] = _json(_site(search, trials, keys))
    found["README.txt"] = how_to_continue(search).encode()
    return found


def how_to_continue(search: ExportedSearch) -> str:
    """Return Python lines that continue the project."""
    rules = [constraint.text for constraint in search.space.constraints]
    note = f"# KerasTuner can't express the constraints {'; '.join(rules)}\n" if rules else ""
    return (
        "# Keep this folder as DIRECTORY/PROJECT. overwrite=True would delete it.\n"
        f"{note}"
        "import keras_tuner\n\n"
        "tuner = keras_tuner.BayesianOptimization(\n"
        "    build_model,  # your function of hp\n"
        f"    objective=keras_tuner.Objective({search.objective!r}, "
        f"{WORDS[search.direction]!r}),\n"
        f"    max_trials={len(search.trials) + 20},\n"
        "    directory='DIRECTORY', project_name='PROJECT', overwrite=False,\n"
        ")\n"
        "print(tuner.get_best_hyperparameters()[0].values)\n"
        "tuner.search(...)\n"
    )


def _json(document: Any) -> bytes:
    return json.dumps(document, indent=1).encode()


def _keys(trials: Sequence[ExportedTrial]) -> dict[int, str]:
    """Ids by number: its own where they are 0 to n-1 as KerasTuner counts them, else those.

    The next new id is made of the count of trials: with others it could name one that is there.
    """
    own = [str(trial.source.get("id", "")) for trial in trials]
    counted = sorted(int(key) for key in own if key.isdecimal()) == list(range(len(own)))
    if counted:
        return {trial.number: key for trial, key in zip(trials, own, strict=True)}
    return {trial.number: str(place) for place, trial in enumerate(trials)}


def space_entries(search: ExportedSearch) -> list[dict[str, Any]]:
    """The space: as it was read where it came from KerasTuner, else in its words."""
    if search.source.get("format") == "keras_tuner":
        return [_current(entry) for entry in search.source["space"]]
    return [entry_of(row, search.space) for row in parents_first(search.space.hyperparameters)]


def _current(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of an older version, which left the sampling of linear ranges empty."""
    config = dict(entry["config"])
    if "sampling" in config:
        config["sampling"] = config["sampling"] or "linear"
    return {"class_name": entry["class_name"], "config": config}


def entry_of(row: Hyperparameter, space: Space) -> dict[str, Any]:
    """One hyperparameter with the conditions of its parents, the outermost first."""
    conditions: list[dict[str, Any]] = []
    condition = row.only_if
    while condition is not None:
        config = {"name": condition.name, "values": list(condition.values)}
        conditions.insert(0, {"class_name": "Parent", "config": config})
        condition = space[condition.name].only_if
    kind, details = _details(row)
    return {
        "class_name": kind,
        "config": {"name": row.name, "conditions": conditions, **details},
    }


def _details(row: Hyperparameter) -> tuple[str, dict[str, Any]]:
    if isinstance(row, Fixed):
        return "Fixed", {"value": row.value}
    if isinstance(row, Boolean):
        return "Boolean", {"default": bool(row.start())}
    if isinstance(row, Choice):
        ordered = row.is_ordered and not isinstance(row.choices[0], str)
        values = list(row.choices)
        return "Choice", {"default": row.start(), "values": values, "ordered": ordered}
    assert isinstance(row, IntRange | FloatRange)
    step: float | None = row.step
    if isinstance(row, IntRange) and row.scale == "linear":
        step = row.step or 1
    numbers = {"min_value": row.min, "max_value": row.max, "step": step, "sampling": row.scale}
    return ("Int" if isinstance(row, IntRange) else "Float"), {"default": row.start(), **numbers}


def _trial(
    search: ExportedSearch,
    trial: ExportedTrial,
    keys: Mapping[int, str],
    entries: list[dict[str, Any]],
    names: Mapping[str, str],
) -> dict[str, Any]:
    values = {names.get(name, name): value for name, value in trial.values.items()}
    values |= _extra(search, trial, keys)
    is_scored = trial.state == "completed" and trial.score is not None
    return {
        "trial_id": keys[trial.number],
        "hyperparameters": {"space": entries, "values": values},
        "metrics": {"metrics": _metrics(search, trial)},
        "score": trial.score if is_scored else _lost(trial),
        "best_step": _step(trial),
        "status": "COMPLETED" if is_scored or _was_infinite(trial) else "FAILED",
        "message": None
        if is_scored
        else (trial.message or f"It was {trial.state} in the original search."),
    }


def _lost(trial: ExportedTrial) -> float | None:
    """A score that was NaN or infinite where it ran."""
    given = loose(trial.source.get("score"))
    return given if isinstance(given, float) else None


def _was_infinite(trial: ExportedTrial) -> bool:
    """KerasTuner keeps those as completed."""
    return trial.source.get("status") == "COMPLETED" and "Infinity" in str(
        trial.source.get("score")
    )


def _step(trial: ExportedTrial) -> int | None:
    if "best_step" in trial.source:
        step = trial.source["best_step"]
        return None if step is None else int(step)
    return max(0, (trial.best_epoch or 1) - 1)


def _extra(
    search: ExportedSearch, trial: ExportedTrial, keys: Mapping[int, str]
) -> dict[str, Any]:
    """What Hyperband notes among the values; it names another trial by its id there."""
    extra = dict(trial.source.get("extra", {}))
    wanted = extra.get("tuner/trial_id")
    for other in search.trials if wanted is not None else ():
        if other.source.get("id") == wanted and other.number in keys:
            extra["tuner/trial_id"] = keys[other.number]
    return {name: loose(value) for name, value in extra.items()}


def _metrics(search: ExportedSearch, trial: ExportedTrial) -> dict[str, Any]:
    kept = trial.source.get("metrics")
    if kept is not None:
        return {name: _tracked(each) for name, each in kept.items()}
    known = {name: value for name, value in trial.metrics.items() if value is not None}
    if trial.score is not None:
        known[search.objective] = trial.score
    return {
        name: {
            "direction": WORDS[
                search.direction if name == search.objective else direction_of(name)
            ],
            "observations": [{"value": [value], "step": _step(trial)}],
        }
        for name, value in known.items()
    }


def _tracked(source: Mapping[str, Any]) -> dict[str, Any]:
    """A metric as the import kept it, its NaN and infinities as numbers again."""
    return {
        "direction": source.get("direction", "min"),
        "observations": [
            {"value": [loose(value) for value in each["value"]], "step": each.get("step")}
            for each in source["observations"]
        ],
    }


def _oracle(
    search: ExportedSearch, documents: Sequence[Mapping[str, Any]], entries: list[dict[str, Any]]
) -> dict[str, Any]:
    keys = [str(each["trial_id"]) for each in documents]
    failed = {each["trial_id"] for each in documents if each["status"] == "FAILED"}
    kept = dict(search.source.get("oracle", {}))
    epochs = {"max_epochs": search.max_epochs} if search.max_epochs else {}
    seed = kept.pop("seed", search.seed % 2**31)
    state = kept.pop("seed_state", seed + len(keys))
    if keys != [trial.source.get("id") for trial in search.trials]:
        kept["brackets"] = []  # they name trials by ids that are others now
    if kept.get("current_bracket") == 0 and "hyperband_iterations" in kept:
        done = int(kept["current_iteration"]) + 1  # it was over: another iteration goes on
        kept["hyperband_iterations"] = max(int(kept["hyperband_iterations"]), done + 1)
    return {
        "ongoing_trials": {},
        "hyperparameters": {"space": entries, "values": _defaults(search, entries)},
        "start_order": keys,
        # Its only reader looks there for three failures in a row, and ends a search that goes on.
        "end_order": [key for key in keys if key not in failed],
        "run_times": dict.fromkeys(keys, 1),
        "retry_queue": [],
        "seed": seed,
        "seed_state": state,
        "tried_so_far": [],
        "id_to_hash": {},
        "display": {"search_start": None, "trial_start": {}, "trial_number": {}},
        **DEFAULTS,
        **epochs,
        **kept,
    }


def _defaults(search: ExportedSearch, entries: Sequence[Mapping[str, Any]]) -> Values:
    """The default of every hyperparameter that the defaults make active."""
    found: Values = {}
    for entry in entries:
        config = entry["config"]
        parents = (each["config"] for each in config.get("conditions") or ())
        if all(found.get(each["name"]) in each["values"] for each in parents):
            value = config.get("value", config.get("default"))
            found.setdefault(config["name"], config.get("min_value") if value is None else value)
    return found


def _site(
    search: ExportedSearch, trials: Sequence[ExportedTrial], keys: Mapping[int, str]
) -> dict[str, Any]:
    return with_format(
        {
            "experiment": search.code,
            "name": search.name,
            "objective": search.objective,
            "direction": search.direction,
            "trials": {keys[trial.number]: trial.number for trial in trials},
        }
    )
