"""What the sandbox adds to a trial: the same code, the same rows, in the sandbox and plain, in turn.

Both hosts are warm and each trial is a fresh child, as in a worker. The time is from the order to the child's exit,
with the files that it leaves; the sandbox's share of that is lending data and copying files.
"""

import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import numpy as np

from experiments.data_schema import DataSchema
from experiments.training.messages import (
    DataOrder,
    ExecutionEnd,
    ExecutionOrder,
    Failure,
    FitOrder,
    ModelOrder,
    TrialOrder,
)
from experiments.training.pool import TrainingPool
from experiments.training.pool_protocols import Pool
from experiments.training.sandbox import Limits, probe
from experiments.training.sandboxed import SandboxedPool

TARGET_MS: Final = 50.0
WARM_UP: Final = 2  # trials of each side that are not counted
ROWS: Final = 2000
SOURCE: Final = """
import keras


def build(hp):
    model = keras.Sequential([keras.layers.Rescaling(1 / 16), keras.layers.Flatten()])
    model.add(keras.layers.Dense(32, activation="relu"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""


class NotMeasured(RuntimeError):
    """The sandbox doesn't work here, or a trial failed."""


def measure(*, trials: int = 20) -> dict[str, Any]:
    """Return the medians of both sides, and what the sandbox adds. Raises: NotMeasured."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        data = _write(folder / "data")
        isolation = probe(name)
        if not isolation.is_whole:
            raise NotMeasured(isolation.problem)
        sides: dict[str, Pool] = {
            "plain": TrainingPool(),
            "sandboxed": SandboxedPool(folder / "sandboxes", isolation, Limits()),
        }
        taken: dict[str, list[float]] = {side: [] for side in sides}
        try:
            for number in range(trials + WARM_UP):
                # Who goes first changes: a busy machine favours neither.
                for side, pool in sorted(sides.items(), reverse=bool(number % 2)):
                    order = _order(data, folder / f"{side}-{number}", f"{side}-{number}")
                    taken[side].append(_seconds(pool, order))
        finally:
            for pool in sides.values():
                pool.close()
    counted = {side: seconds[WARM_UP:] for side, seconds in taken.items()}
    medians = {side: 1000 * statistics.median(seconds) for side, seconds in counted.items()}
    pairs = zip(counted["sandboxed"], counted["plain"], strict=True)
    added = 1000 * statistics.median(sandboxed - plain for sandboxed, plain in pairs)
    return {
        "trials": trials,
        "isolation": isolation.words,
        **{f"{side}_ms": round(median, 1) for side, median in medians.items()},
        "added_ms": round(added, 1),
        "target_ms": TARGET_MS,
        "passed": added <= TARGET_MS,
    }


def _seconds(pool: Pool, order: TrialOrder) -> float:
    """From the order to the child's exit. Raises: NotMeasured."""
    began, ended = time.monotonic(), False
    run = pool.run(order)
    try:
        while run.exit_status() is None:
            message = run.receive(0.5)
            if isinstance(message, Failure):
                raise NotMeasured(message.message)
            ended = ended or isinstance(message, ExecutionEnd)
        if not ended:
            raise NotMeasured("A trial ended before its execution did.")
        return time.monotonic() - began
    finally:
        run.close()


def _order(data: DataOrder, folder: Path, token: str) -> TrialOrder:
    folder.mkdir()
    recipe = {"source": SOURCE, "entry": "function:build", "rows": [], "names": {}}
    return TrialOrder(
        trial=1,
        number=0,
        token=token,
        values={"epochs": 2, "batch_size": 64},
        model=ModelOrder("code", [recipe], "bench"),
        data=data,
        fit=FitOrder(2, 64, "val_loss", "minimize", ["accuracy"]),
        executions=[ExecutionOrder(1, part=0, repeat=0, seed=7)],
        directory=str(folder),
    )


def _write(folder: Path) -> DataOrder:
    """Made-up pictures of ten classes, four fifths of them to train on."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    np.save(folder / "x.npy", rng.integers(0, 17, (ROWS, 8, 8, 1)).astype("uint8"))
    np.save(folder / "y.npy", (np.arange(ROWS) % 10).astype("int64"))
    classes = tuple(str(digit) for digit in range(10))
    schema = DataSchema(
        "image", "classification", (8, 8, 1), scale=16.0, classes=classes, rows=ROWS
    )
    (folder / "schema.json").write_text(json.dumps(schema.to_dict()))
    rows, cut = rng.permutation(ROWS), ROWS * 4 // 5
    split = folder.with_name("split.npz")
    np.savez(split, train_0=np.sort(rows[:cut]), validation_0=np.sort(rows[cut:]))
    return DataOrder(str(folder), str(split), "bench")
