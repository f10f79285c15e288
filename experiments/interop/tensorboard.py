"""Reads TensorBoard event files: each folder with scalars is a trial.

Hyperparameters come from the HParams plugin; Keras writes metrics below `train` and `validation`.
"""

import math
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, Final

from experiments.interop.event_records import BrokenRecord, records, summaries
from experiments.interop.imported_search import (
    Curves,
    ImportedSearch,
    ImportedTrial,
    ImportRefused,
    Skipped,
    decided_direction,
    finite,
)
from experiments.interop.inferred_space import fitting_values, inferred_space, lacking
from experiments.search.history import Direction, Values

MARK: Final = "tfevents"
MOST_BYTES: Final = 32 * 1024**2  # of all files: each byte is checked
PARTS: Final = {"train": "", "validation": "val_"}
PREFIX: Final = "epoch_"
# Keras counts batches as the steps of these.
OF_BATCHES: Final = re.compile(r"batch_.*|evaluation_.*_vs_iterations")


@dataclass(slots=True)
class _Run:
    values: dict[str, Any] = field(default_factory=dict)
    scalars: dict[str, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    times: list[float] = field(default_factory=list)
    epochs: set[int] = field(default_factory=set)  # steps of what Keras logs once an epoch

    def leave_epochs(self) -> None:
        """Drop what a run of Keras logged between its epochs."""
        for name, values in list(self.scalars.items()) if self.epochs else ():
            kept = {step: value for step, value in values.items() if step in self.epochs}
            if kept:
                self.scalars[name] = kept
            else:
                del self.scalars[name]


def is_event_file(name: str) -> bool:
    """Whether a file's name is one of an event file."""
    return MARK in PurePosixPath(name).name


def read_events(
    files: Mapping[str, bytes],
    name: str,
    *,
    objective: str = "",
    direction: Direction | None = None,
) -> ImportedSearch:
    """The runs of the event files among `files`. Raises ImportRefused."""
    events = {path: content for path, content in files.items() if is_event_file(path)}
    if not events:
        raise ImportRefused("It contains no TensorBoard event file.")
    if sum(map(len, events.values())) > MOST_BYTES:
        raise ImportRefused(f"The event files have more than {MOST_BYTES // 1024**2} MB.")
    runs, skipped = _runs(events)
    found = {key: run for key, run in runs.items() if run.values and run.scalars}
    skipped += [
        Skipped(key or "the top folder", "It has no hyperparameters, or no scalars.")
        for key in runs.keys() - found.keys()
    ]
    if not found:
        raise ImportRefused(
            "No run has both hyperparameters and scalars. Hyperparameters are read from the HParams "
            "plugin: log them with tensorboard.plugins.hparams.",
        )
    objective = _objective(found, objective)
    configurations = [{k: _whole(v) for k, v in run.values.items()} for run in found.values()]
    read = inferred_space(configurations)
    fitted = [fitting_values(each, read) for each in configurations]
    direction = decided_direction(direction, None, objective)
    trials = tuple(
        _trial(key or name, run, values, objective, direction)
        for (key, run), values in zip(found.items(), fitted, strict=True)
    )
    return ImportedSearch(
        format="tensorboard",
        name=name,
        objective=objective,
        direction=direction,
        space=read.space,
        trials=trials,
        counted_as=lacking(fitted, read),
        skipped=tuple(skipped),
        notes=tuple(read.notes),
    )


def _runs(events: Mapping[str, bytes]) -> tuple[dict[str, _Run], list[Skipped]]:
    runs: dict[str, _Run] = defaultdict(_Run)
    skipped = []
    for path in sorted(events):
        folder = PurePosixPath(path).parent
        prefix = PARTS.get(folder.name)
        run = runs[_key(folder if prefix is None else folder.parent)]
        try:
            for event in records(events[path]):
                _take(run, event, prefix or "")
        except BrokenRecord as error:
            skipped.append(Skipped(path, f"{error} Everything before that is imported."))
    for run in runs.values():
        run.leave_epochs()
    return dict(runs), skipped


def _key(folder: PurePosixPath) -> str:
    return "" if str(folder) == "." else str(folder)


def _take(run: _Run, event: bytes, prefix: str) -> None:
    for each in summaries(event):
        run.values.update({k: v for k, v in each.hparams.items() if v is not None})
        if each.tag.startswith("_hparams_") or OF_BATCHES.fullmatch(each.tag):
            continue
        if each.value is not None:
            if each.tag.startswith(PREFIX):
                run.epochs.add(each.step)
            tag = each.tag.removeprefix(PREFIX).replace("/", "_")
            run.scalars[prefix + tag][each.step] = each.value
            run.times.append(each.time)


def _whole(value: Any) -> Any:
    """Numbers are floats in the file: a whole one is taken for an int."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _objective(runs: Mapping[str, _Run], wanted: str) -> str:
    names = tuple(dict.fromkeys(name for run in runs.values() for name in run.scalars))
    likely = [name for name in names if name.startswith("val_")] or list(names)
    if wanted in names or (not wanted and len(likely) == 1):
        return wanted or likely[0]
    said = (
        f"No run has the scalar {wanted}." if wanted else "Several scalars could be the objective."
    )
    raise ImportRefused(
        f"{said} Choose the objective: {', '.join(names[:20])}.", names, "objective"
    )


def _trial(
    key: str, run: _Run, values: Values, objective: str, direction: Direction
) -> ImportedTrial:
    curves = _curves(run)
    numbers = [
        (value, place)
        for place, value in enumerate(curves.get(objective, ()), start=1)
        if value is not None
    ]
    better = max if direction == "maximize" else min
    score, best = better(numbers, default=(None, None), key=lambda pair: pair[0])
    metrics = {name: curve[best - 1] if best else None for name, curve in curves.items()}
    return ImportedTrial(
        key=key[:200],
        status="completed" if score is not None else "failed",
        state="completed" if score is not None else "failed",
        values=values,
        score=score,
        metrics=metrics,
        best_epoch=best,
        curves=curves,
        message="" if score is not None else f"It has no finite {objective}.",
        started=_moment(min(run.times, default=math.nan)),
        ended=_moment(max(run.times, default=math.nan)),
        is_open=True,  # no file says that its run is over
    )


def _moment(seconds: float) -> datetime | None:
    """A wall time; None for what is none, such as milliseconds."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _curves(run: _Run) -> Curves:
    """Each scalar by step, the first step of the run as the first epoch."""
    steps = sorted({step for values in run.scalars.values() for step in values})
    return {
        name: tuple(finite(values.get(step)) for step in steps)
        for name, values in run.scalars.items()
    }
