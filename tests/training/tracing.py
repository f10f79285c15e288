"""Runs in a child that holds TensorFlow: whether a second fold takes the trace of the first."""

from pathlib import Path

from experiments.training.child.builders import Builder
from experiments.training.child.datasets import Data
from experiments.training.child.trainers import make_trainer
from experiments.training.messages import DataOrder, ExecutionOrder, ModelOrder
from tests.training.orders import fit_order, trial_order


def shares(slug: str, folder: Path) -> bool:
    order = trial_order(
        folder,
        values={},
        model=ModelOrder(slug),
        data=DataOrder(str(folder), str(folder / "split.npz"), "hash"),
        fit=fit_order(metrics=[]),
    )
    data = Data(order.data)
    builder = Builder.of(order, data.schema)
    trainer = make_trainer(order, ExecutionOrder(7, 0, 0, 11), builder, data.part(0))
    assert trainer.method == "fused", trainer.reason
    return trainer.take(ExecutionOrder(8, 1, 0, 12), builder, data.part(1))
