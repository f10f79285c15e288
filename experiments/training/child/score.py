"""Program: lets stored models predict the rows of the locked test set.

Usage: `python -m experiments.training.child.score ORDER.json`, where the
order names `folder` (the rows' inputs and schema.json, no targets: a model's own code runs here),
`code` (the source that built the models), `models` (.keras files) and `out` (where a
`predictions-<place>.npy` for each model goes). What goes wrong ends the program with status 1 and
one line on standard error.
"""

import json
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np

from experiments.data_schema import DataSchema
from experiments.training.child.datasets import Rows, Targets, load_inputs
from experiments.training.child.export import run_code
from experiments.training.child.predictions import predict


class ScoreProblem(Exception):
    """The models can't be scored."""


def score(order: dict[str, Any]) -> None:
    """Write predictions. Raises: ScoreProblem, and what Keras and NumPy raise."""
    folder, out = Path(order["folder"]), Path(order["out"])
    schema = DataSchema.from_dict(json.loads((folder / "schema.json").read_text()))
    inputs = load_inputs(folder, schema)
    count = len(next(iter(inputs.values())) if isinstance(inputs, dict) else inputs)
    rows = Rows(inputs, _unknown_targets(schema, count), np.arange(count))
    run_code(Path(order["code"]))
    for place, path in enumerate(order["models"]):
        answers = predict(keras.models.load_model(path, compile=False), rows)
        if answers is None:
            raise ScoreProblem("The model has no output for the main target.")
        np.save(out / f"predictions-{place}.npy", answers, allow_pickle=False)


def _unknown_targets(schema: DataSchema, count: int) -> Targets:
    """Zeros of the targets' types: what a model answers is read by its kind of target."""
    types = {"classification": "int64", "regression": "float32"}
    zeros = [np.zeros(count, types[target.task]) for target in schema.targets]
    return dict(zip(schema.keys, zeros, strict=True)) if schema.more_targets else zeros[0]


def main() -> int:
    """Read the order and obey."""
    order = json.loads(Path(sys.argv[1]).read_text())
    try:
        score(order)
    except (ScoreProblem, OSError, ValueError, TypeError, RuntimeError, KeyError) as error:
        words = str(error).strip().splitlines() or [type(error).__name__]
        print(f"{type(error).__name__}: {words[0]}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
