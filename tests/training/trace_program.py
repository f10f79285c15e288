"""A program: which templates' second folds take the trace of the first, in one JSON object.

Arguments: pairs of a template and the folder of its data. One process for all: importing
TensorFlow costs seconds.
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

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


def main() -> None:
    pairs = zip(sys.argv[1::2], sys.argv[2::2], strict=True)
    sys.stdout.write(json.dumps({slug: shares(slug, Path(folder)) for slug, folder in pairs}))


if __name__ == "__main__":
    main()
