"""Reads a KerasTuner project of versions 1.0 to 1.4.

Source: `engine/oracle.py`, `engine/trial.py` and `engine/metrics_tracking.py` of keras-tuner. Every key
but a trial's id, status and hyperparameters may be missing; JSON alone is read, never a pickle.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, Final

from experiments.interop.imported_search import (
    ImportedSearch,
    ImportedTrial,
    ImportRefused,
    Skipped,
    finite,
    strict,
    time_of,
)
from experiments.interop.keras_tuner.hyperparameters import ReadSpace, UnknownKind, read_space
from experiments.interop.keras_tuner.objective import Objective, find_objective
from experiments.interop.keras_tuner.trial_file import (
    STATUSES,
    BrokenTrial,
    RawTrial,
    read_json,
    read_trial,
)
from experiments.search.history import Direction, Values

Files = Mapping[str, bytes]  # path with slashes below the folder -> content
ORACLE: Final = "oracle.json"
NEWER: Final = "Was it written by a newer KerasTuner than 1.4, or edited? Update Tuning Site in the first case."
EMPTY: Final = (
    "The project has no trial yet: none of its folders has a trial.json. Start its search."
)
# Of `oracle.json`, kept so that an export writes them again.
KEPT: Final = (
    *("hyperband_iterations", "max_epochs", "min_epochs", "factor", "brackets"),
    *("current_bracket", "current_iteration", "num_initial_points", "alpha", "beta"),
    *("seed", "seed_state"),
)

THIRD: Final = (
    "Left running after two failures in a row. KerasTuner ends a search at the third "
    "failure without recording it, so this trial counts as failed. Its message was "
    "not stored."
)


def projects_in(files: Files) -> list[str]:
    """The folders that hold a project, "" for the top."""
    found = [PurePosixPath(name) for name in files if PurePosixPath(name).name == ORACLE]
    return sorted("" if str(path.parent) == "." else str(path.parent) for path in found)


def read_project(
    files: Files, name: str, *, objective: str = "", direction: Direction | None = None
) -> ImportedSearch:
    """The one project among the files. Raises ImportRefused."""
    folder = _folder(files)
    oracle = _oracle(files[f"{folder}/{ORACLE}" if folder else ORACLE])
    trials, skipped = _trials(files, folder)
    if not trials:
        broken = [f"The project has no readable trial. {e.name}: {e.why}" for e in skipped[:1]]
        raise ImportRefused((broken or [EMPTY])[0])
    strange = next((trial for trial in trials if trial.status not in STATUSES), None)
    if strange is not None:
        raise ImportRefused(
            f"Trial {strange.key} has the unknown status {strange.status}. {NEWER}"
        )
    ordered = _ordered(trials, oracle)
    third = _third_failure(ordered, oracle)
    if third is not None:
        ordered[ordered.index(third)] = replace(third, status="FAILED", message=THIRD)
    missing = sorted(set(map(str, oracle.get("start_order") or ())) - {t.key for t in ordered})
    skipped += [Skipped(f"trial_{key}", "It has no readable trial.json.") for key in missing]
    space = _space(oracle, ordered)
    chosen = find_objective(ordered, objective, direction)
    starts = _starts(oracle)
    imported = tuple(_imported(trial, space, starts.get(trial.key)) for trial in ordered)
    return ImportedSearch(
        format="keras_tuner",
        name=PurePosixPath(folder).name or name,
        objective=chosen.name,
        direction=chosen.direction,
        space=space.space,
        trials=imported,
        counted_as=_counted_as(space, imported),
        algorithm=_algorithm(oracle),
        skipped=tuple(_once(skipped)),
        notes=(*space.notes, *chosen.notes, *_outcome_notes(ordered)),
        source=_source(oracle, space, chosen),
    )


def _folder(files: Files) -> str:
    found = projects_in(files)
    if len(found) > 1:
        listed = ", ".join(found[:10])
        raise ImportRefused(
            f"There are {len(found)} projects in it: {listed}. Choose one of them."
        )
    if found:
        return found[0]
    names = {PurePosixPath(name).name for name in files}
    if any(name.startswith("tuner") and name.endswith(".json") for name in names):
        raise ImportRefused(
            "This is the folder of a worker, without oracle.json. Import the chief's folder."
        )
    raise ImportRefused(
        "Not a KerasTuner project: it has no oracle.json. Choose the folder "
        "DIRECTORY/PROJECT_NAME of the tuner."
    )


def _oracle(content: bytes) -> dict[str, Any]:
    try:
        oracle = read_json(content)
    except BrokenTrial as error:
        raise ImportRefused(f"oracle.json can't be read. {error}") from error
    space = oracle.get("hyperparameters") if isinstance(oracle, dict) else None
    if not isinstance(space, dict) or not isinstance(space.get("space"), list):
        raise ImportRefused(f"oracle.json has no search space. {NEWER}")
    return dict(oracle)


def _trials(files: Files, folder: str) -> tuple[list[RawTrial], list[Skipped]]:
    found: dict[str, RawTrial] = {}
    skipped: list[Skipped] = []
    for name in sorted(files):
        path = PurePosixPath(name)
        inside = str(path.parent.parent) == (folder or ".")
        if path.name != "trial.json" or not inside or not path.parent.name.startswith("trial_"):
            continue
        try:
            trial = read_trial(files[name])
        except BrokenTrial as error:
            skipped.append(Skipped(path.parent.name, str(error)))
            continue
        if trial.key in found:
            skipped.append(Skipped(path.parent.name, f"Trial {trial.key} appears twice."))
        found.setdefault(trial.key, trial)
    return list(found.values()), skipped


def _once(skipped: Sequence[Skipped]) -> list[Skipped]:
    return list({each.name: each for each in reversed(skipped)}.values())[::-1]


def _ordered(trials: Sequence[RawTrial], oracle: Mapping[str, Any]) -> list[RawTrial]:
    """In the order of their starts, as far as that is known; else by their numbers."""
    order = [str(key) for key in oracle.get("start_order") or ()]
    starts = _starts(oracle)
    place = {
        key: index for index, key in enumerate(order or sorted(starts, key=starts.__getitem__))
    }
    last = len(place)

    def by(trial: RawTrial) -> tuple[int, int, str]:
        number = int(trial.key) if trial.key.isdecimal() and len(trial.key) < 18 else 0
        return place.get(trial.key, last), number, trial.key

    return sorted(trials, key=by)


def _starts(oracle: Mapping[str, Any]) -> dict[str, datetime]:
    """Starts in the naive local time of where it ran, as `datetime`; unreadable ones left out."""
    display = oracle.get("display")
    starts = display.get("trial_start") if isinstance(display, dict) else None
    known = starts.items() if isinstance(starts, dict) else ()
    return {str(key): at for key, text in known if (at := time_of(text)) is not None}


def _space(oracle: Mapping[str, Any], trials: Sequence[RawTrial]) -> ReadSpace:
    entries = list(oracle["hyperparameters"]["space"])
    try:
        if not entries:
            entries = max((trial.space for trial in trials), key=len)
        if not entries:
            raise ImportRefused("The project's search space is empty: nothing was searched.")
        return read_space(entries)
    except UnknownKind as error:
        raise ImportRefused(f"The search space can't be read ({error}). {NEWER}") from error


def _imported(trial: RawTrial, space: ReadSpace, started: datetime | None) -> ImportedTrial:
    values, extra = _split_values(trial.values, space)
    is_completed = trial.state == "completed"
    words = "Interrupted: KerasTuner left it running." if trial.status == "RUNNING" else ""
    if trial.score is not None and finite(trial.score) is None:
        words = f"Its score {trial.score} isn't a finite number."
    return ImportedTrial(
        key=trial.key,
        status=trial.status,
        state=trial.state,
        values=values,
        score=finite(trial.score) if is_completed else None,
        metrics=trial.means(),
        best_epoch=None if trial.best_step is None else trial.best_step + 1,
        epochs=_epochs(extra),
        message=trial.message or words,
        started=started,
        source={
            "best_step": trial.best_step,
            "score": strict(trial.score),
            "extra": strict(extra),
            "metrics": strict(trial.raw_metrics),
            "message": trial.message,
        },
        # An invalid one may be tried again, and one that was left running is when the search continues.
        is_open=trial.status in ("RUNNING", "INVALID") or trial.message == THIRD,
    )


def _split_values(given: Mapping[str, Any], space: ReadSpace) -> tuple[Values, dict[str, Any]]:
    """The values of the space's names, whole numbers as such; and whatever else stands there."""
    values: Values = {}
    extra: dict[str, Any] = {}
    for name, value in given.items():
        here = space.names.get(name)
        usable = isinstance(value, bool | int | str) or finite(value) is not None
        if here is None or not usable:
            extra[name] = value
            continue
        whole = space.space[here].kind == "int" and isinstance(value, float)
        values[here] = int(value) if whole and value == math.floor(value) else value
    return values, extra


def _epochs(extra: Mapping[str, Any]) -> int:
    """Epochs that Hyperband trained it for, the earlier ones of its promotion left out; else 0."""
    last, first = extra.get("tuner/epochs"), extra.get("tuner/initial_epoch", 0)
    if isinstance(last, int) and isinstance(first, int) and 0 <= first <= last < 10**6:
        return last - first
    return 0


def _counted_as(space: ReadSpace, trials: Sequence[ImportedTrial]) -> Values:
    """Defaults of what some trials lack: KerasTuner finds hyperparameters while it searches."""
    lacking = {
        name for trial in trials for name in space.space.active(trial.values) - trial.values.keys()
    }
    rows = space.space.hyperparameters
    return {row.name: row.start() for row in rows if row.name in lacking}


def _algorithm(oracle: Mapping[str, Any]) -> str:
    if "brackets" in oracle:
        return "Hyperband"
    if "alpha" in oracle and "num_initial_points" in oracle:
        return "Bayesian optimization"
    return "grid search" if oracle.get("seed_state") == oracle.get("seed") else "random search"


def _source(oracle: Mapping[str, Any], space: ReadSpace, objective: Objective) -> dict[str, Any]:
    renamed = {here: there for there, here in space.names.items() if here != there}
    return {
        "objective": objective.name,
        "space": strict(oracle["hyperparameters"]["space"]),
        "names": renamed,
        "oracle": {key: strict(oracle[key]) for key in KEPT if key in oracle},
    }


def _third_failure(trials: Sequence[RawTrial], oracle: Mapping[str, Any]) -> RawTrial | None:
    """The trial at which three failures in a row ended the search, in the order of starts.

    Since 1.2 KerasTuner raises there before it saves: the last trial stays RUNNING in its file.
    """
    running = [trial for trial in trials if trial.status == "RUNNING"]
    before = trials[-3:-1]
    if "end_order" not in oracle or len(running) != 1 or len(before) < 2:
        return None
    failed_before = all(trial.status == "FAILED" for trial in before)
    return running[0] if failed_before and trials[-1] is running[0] else None


def _outcome_notes(trials: Sequence[RawTrial]) -> list[str]:
    """Sentences about trials that count otherwise here than there."""
    notes = []
    lost = [each.key for each in trials if each.status == "COMPLETED" and each.state == "failed"]
    if lost:
        notes.append(
            f"{len(lost)} completed without a finite score and count as failed: {_few(lost)}."
        )
    cut = [each.key for each in trials if each.status == "RUNNING"]
    if cut:
        notes.append(f"Interrupted while running, imported as stopped: {_few(cut)}.")
    guessed = [each.key for each in trials if each.message == THIRD]
    return notes + [f"Trial {key}: {THIRD}" for key in guessed]


def _few(keys: Sequence[str]) -> str:
    return ", ".join(keys[:10]) + (" …" if len(keys) > 10 else "")
