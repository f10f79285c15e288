"""Small data sets on disk, as the training child reads them."""

import json
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from experiments.data_schema import DataSchema
from experiments.training.messages import DataOrder


def write_digits(folder: Path, *, rows: int = 400, parts: int = 1) -> DataOrder:
    """Write the first rows of scikit-learn's digits and `parts` holdouts of them."""
    digits = load_digits()
    folder.mkdir(parents=True, exist_ok=True)
    images = digits.images[:rows, :, :, None].astype("uint8")
    np.save(folder / "x.npy", images)
    np.save(folder / "y.npy", digits.target[:rows].astype("int64"))
    schema = DataSchema(
        kind="image",
        task="classification",
        shape=images.shape[1:],
        scale=16.0,
        classes=tuple(str(digit) for digit in range(10)),
        rows=rows,
    )
    (folder / "schema.json").write_text(json.dumps(schema.to_dict()))
    split = {}
    for part in range(parts):
        order = np.random.default_rng(part).permutation(rows)
        edge = rows * 4 // 5 - part  # parts of different size
        split[f"train_{part}"], split[f"validation_{part}"] = order[:edge], order[edge:]
    np.savez(folder / "split.npz", **split)
    return DataOrder(str(folder), str(folder / "split.npz"), "hash")
