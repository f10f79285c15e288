"""Orders that the tests of this folder send to both pools."""

from pathlib import Path
from typing import Any

from experiments.training.messages import (
    DataOrder,
    ExecutionOrder,
    FitOrder,
    ModelOrder,
    TrialOrder,
)


def fit_order(**changes: Any) -> FitOrder:
    settings: dict[str, Any] = {
        "epochs": 3,
        "batch_size": 16,
        "objective": "val_loss",
        "direction": "minimize",
        "metrics": ["accuracy"],
    }
    return FitOrder(**(settings | changes))


def trial_order(folder: Path, **changes: Any) -> TrialOrder:
    settings: dict[str, Any] = {
        "trial": 1,
        "number": 0,
        "token": "token-1",
        "values": {"units": 8, "learning_rate": 0.01},
        "model": ModelOrder("layers"),
        "data": DataOrder(str(folder / "data"), str(folder / "split.npz"), "hash"),
        "fit": fit_order(),
        "executions": [ExecutionOrder(7, part=0, repeat=0, seed=11)],
        "directory": str(folder / "attempt"),
    }
    return TrialOrder(**(settings | changes))
