"""Checkpoints: everything that an execution needs to resume, written atomically.

A folder of `arrays.npz`, `state.json` and the sums of both, written beside and then renamed.
The one before stays, since the worker may not have recorded the newest yet.
"""

import json
import os
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from experiments.digests import SUMS, write_sums
from experiments.training.environment import COPIED
from experiments.training.messages import Metrics

KEPT = 2


@dataclass(frozen=True, slots=True)
class CheckpointState:
    """What is not an array. `stopping`, `plateau`: fields of the callbacks that change."""

    epoch: int
    seed: int
    best_epoch: int
    best_value: float | None
    best_metrics: Metrics
    stopping: dict[str, float]
    seconds: float
    plateau: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """State and arrays: `variables` of model and optimizer in their order, `best` weights, row scores."""

    state: CheckpointState
    variables: list[np.ndarray]
    best: list[np.ndarray]
    scores: list[np.ndarray] = field(default_factory=list)


def write_checkpoint(directory: Path, execution: int, checkpoint: Checkpoint) -> Path:
    """Write a checkpoint below `directory`; return its folder."""
    folder = directory / f"checkpoint-{execution}-{checkpoint.state.epoch}"
    draft = directory / f".{folder.name}.draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    arrays = {f"variable_{i}": array for i, array in enumerate(checkpoint.variables)}
    arrays |= {f"best_{i}": array for i, array in enumerate(checkpoint.best)}
    arrays |= {f"score_{i}": array for i, array in enumerate(checkpoint.scores)}
    with (draft / "arrays.npz").open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
        sync(file)
    with (draft / "state.json").open("w") as text:
        json.dump(asdict(checkpoint.state), text)
        sync(text)
    write_sums(draft)
    with (draft / SUMS).open("a") as sums:
        sync(sums)
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    sync_folder(directory)
    _forget_older(directory, execution, checkpoint.state.epoch)
    return folder


def read_checkpoint(folder: Path) -> Checkpoint:
    """Read a checkpoint. Raises: OSError, ValueError, KeyError or TypeError when it isn't whole."""
    state = CheckpointState(**json.loads((folder / "state.json").read_text()))
    with np.load(folder / "arrays.npz") as arrays:
        named = (_numbered(arrays, name) for name in ("variable", "best", "score"))
        return Checkpoint(state, *named)


def sync(file: Any) -> None:
    """Sync a file before it gets its name; in the sandbox its copy is synced instead."""
    file.flush()
    if COPIED not in os.environ:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Sync a folder's names."""
    if COPIED in os.environ:
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _numbered(arrays: Any, prefix: str) -> list[np.ndarray]:
    count = sum(name.startswith(f"{prefix}_") for name in arrays.files)
    return [arrays[f"{prefix}_{index}"] for index in range(count)]


def _forget_older(directory: Path, execution: int, newest: int) -> None:
    prefix = f"checkpoint-{execution}-"
    epochs = sorted(int(path.name[len(prefix) :]) for path in directory.glob(f"{prefix}*"))
    for epoch in [e for e in epochs if e <= newest][:-KEPT]:
        shutil.rmtree(directory / f"{prefix}{epoch}")
