"""Program: scores stored models on the locked test set.

Usage: `python -m experiments.training.child.score ORDER.json`, where the
order names `folder` (arrays and schema.json), `rows` (.npy of row numbers; empty: every row),
`code` (the source that built the models), `models` (.keras files) and `out` (where `targets.npy` and
a `predictions-<place>.npy` for each model go). What goes wrong ends the program with status 1 and
one line on standard error.
"""

import json
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np

from experiments.data_schema import DataSchema
from experiments.training.child.datasets import Rows, load_inputs, load_targets
from experiments.training.child.export import run_code
from experiments.training.child.predictions import predict


class ScoreProblem(Exception):
    """The models can't be scored."""


def score(order: dict[str, Any]) -> None:
    """Write targets and predictions. Raises: ScoreProblem, and what Keras and NumPy raise."""
    folder, out = Path(order["folder"]), Path(order["out"])
    schema = DataSchema.from_dict(json.loads((folder / "schema.json").read_text()))
    targets = load_targets(folder, schema)
    index = np.arange(len(targets[schema.keys[0]] if isinstance(targets, dict) else targets))
    if order["rows"]:
        index = np.load(order["rows"], allow_pickle=False)
    rows = Rows(load_inputs(folder, schema), targets, index)
    run_code(Path(order["code"]))
    for place, path in enumerate(order["models"]):
        answers = predict(keras.models.load_model(path, compile=False), rows)
        if answers is None:
            raise ScoreProblem("The model has no output for the main target.")
        np.save(out / f"predictions-{place}.npy", answers, allow_pickle=False)
    np.save(out / "targets.npy", rows.labels, allow_pickle=False)


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
