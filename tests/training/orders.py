"""Orders that the tests of this folder send to both pools, and how they listen to the answers."""

from pathlib import Path
from typing import Any

from experiments.training.messages import (
    DataOrder,
    ExecutionOrder,
    Failure,
    FitOrder,
    LogLine,
    Message,
    ModelOrder,
    TrialOrder,
)
from experiments.training.pool import TrainingPool
from experiments.training.pool_protocols import TrialRun
from tests.training.data import write_digits


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
        "values": {"units": 8, "learning_rate": 0.01, "dropout": 0.1},
        "model": ModelOrder("image-mlp"),
        "data": DataOrder(str(folder / "data"), str(folder / "split.npz"), "hash"),
        "fit": fit_order(),
        "executions": [ExecutionOrder(7, part=0, repeat=0, seed=11)],
        "directory": str(folder / "attempt"),
    }
    return TrialOrder(**(settings | changes))


def printed_by(pool: TrainingPool, source: str, folder: Path) -> str:
    """What code prints in a child that holds TensorFlow; `pool` runs `tests.training.warm_host`."""
    data = write_digits(folder / "rows", rows=20)
    run = pool.run(trial_order(folder, values={"source": source}, data=data))
    seen = drain(run)
    run.close()
    printed = "\n".join(line.text for line in of(seen, LogLine))
    (failure,) = of(seen, Failure)
    assert "defines no function build_model" in failure.message, (failure, printed)
    return printed


def drain(run: TrialRun, *, seconds: float = 200.0) -> list[Message]:
    """Listen until the run is over; the time limit only keeps a broken run from hanging."""
    seen: list[Message] = []
    quiet = 0.0
    while run.exit_status() is None:
        message = run.receive(0.1)
        if message is not None:
            seen.append(message)
        else:
            quiet += 0.1
            assert quiet < seconds, seen
    return seen


def listen_for(run: TrialRun, kind: type, *, count: int = 1) -> list[Message]:
    """Listen until `count` messages of a kind have come."""
    seen: list[Message] = []
    while sum(isinstance(message, kind) for message in seen) < count:
        message = run.receive(0.1)
        assert message is not None or run.exit_status() is None, seen
        if message is not None:
            seen.append(message)
    return seen


def of(messages: list[Message], kind: type) -> list[Any]:
    return [message for message in messages if isinstance(message, kind)]
