"""Trials an hour and CPU a trial of the seed's first sample: this product and KerasTuner, side by side.

Both sides are programs of their own and run one after the other in one call, on the same rows, with the
same batch size, epochs and executions. Ratios are what counts; seconds depend on the machine.
"""

import tempfile
from pathlib import Path
from typing import Any

from benchmarks.programs import run_program

DEFAULTS = {"digits": (3, 30), "mnist": (1, 5)}  # executions a trial, epochs


def measure(
    data: str,
    *,
    trials: int,
    executions: int | None,
    epochs: int | None,
    slots: int,
    folds: int = 0,
) -> dict[str, Any]:
    """Run both sides; the keys of the answer are the columns of docs/guide/benchmarks.md.

    folds: our side cross-validates each trial, the other has one validation part as ever; 0: both
    have one.

    Raises: subprocess.CalledProcessError when a side fails; its own output says why.
    """
    default_executions, default_epochs = DEFAULTS[data]
    executions, epochs = executions or default_executions, epochs or default_epochs
    seed = 0
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        sizes = (trials, executions, epochs)
        ours = run_program(
            "benchmarks.throughput.our_side", name, data, *map(str, (*sizes, slots, seed, folds))
        )
        arrays = str(folder / "arrays.npz")
        theirs = run_program(
            "benchmarks.throughput.keras_tuner_side", arrays, *map(str, (*sizes, seed))
        )
    for figures in (ours, theirs):
        figures["trials_per_hour"] = round(3600 * figures["trials"] / figures["seconds"], 1)
        figures["cpu_per_trial"] = round(figures["cpu_seconds"] / figures["trials"], 3)
    return {
        "data": data,
        "trials": trials,
        "executions": executions,
        "epochs": epochs,
        "slots": slots,
        "folds": folds,
        "ours": ours,
        "keras_tuner": theirs,
        "ratio_trials_per_hour": round(ours["trials_per_hour"] / theirs["trials_per_hour"], 2),
        "ratio_cpu_per_trial": round(ours["cpu_per_trial"] / theirs["cpu_per_trial"], 3),
        "difference_mean_val_accuracy": round(
            ours["mean_val_accuracy"] - theirs["mean_val_accuracy"], 4
        ),
    }
