"""Small datasets on disk, as the training child reads them."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from experiments.data_schema import Column, DataSchema, Target
from experiments.training.messages import DataOrder


def write_digits(folder: Path, *, rows: int = 400, parts: int = 1) -> DataOrder:
    """Write the first rows of scikit-learn's digits and `parts` holdouts of them."""

    from sklearn.datasets import load_digits

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
    return write_schema_and_split(folder, schema, parts)


def write_table(folder: Path, *, rows: int = 300, parts: int = 1) -> DataOrder:
    """Write a regression table with gaps, whose parts differ in mean and in the target's scale."""
    rng = np.random.default_rng(0)
    folder.mkdir(parents=True, exist_ok=True)
    numbers = rng.normal(2.0, 3.0, (rows, 3)).astype("float32") * np.linspace(1, 4, rows)[:, None]
    categories = rng.integers(0, 3, (rows, 1)).astype("int32")
    targets = numbers.sum(1) + 5 * categories[:, 0]
    numbers[rng.random(numbers.shape) < 0.05] = np.nan
    np.save(folder / "numbers.npy", numbers.astype("float32"))
    np.save(folder / "categories.npy", categories)
    np.save(folder / "y.npy", targets.astype("float32"))
    columns = (
        *(Column(name, "number") for name in "abc"),
        Column("d", "category", ("x", "y", "z")),
    )
    schema = DataSchema("table", "regression", (3, 1), target="t", columns=columns, rows=rows)
    return write_schema_and_split(folder, schema, parts)


def write_several(folder: Path, *, parts: int = 1) -> DataOrder:
    """Write the table with gaps again, with a class and a small number to learn beside its target."""
    order = write_table(folder, parts=parts)
    targets = np.load(folder / "y.npy")
    np.save(folder / "y_1.npy", (targets > np.median(targets)).astype("int64"))
    np.save(folder / "y_2.npy", (targets / 1000).astype("float32"))
    schema = DataSchema.from_dict(json.loads((folder / "schema.json").read_text()))
    more = Target("high", "classification", ("no", "yes")), Target("small", "regression")
    (folder / "schema.json").write_text(json.dumps(replace(schema, more_targets=more).to_dict()))
    return order


def write_texts(folder: Path, *, rows: int = 200, parts: int = 1) -> DataOrder:
    """Write short texts of 30 words whose class is whether word 7 is among them."""
    rng = np.random.default_rng(4)
    folder.mkdir(parents=True, exist_ok=True)
    words = rng.integers(8, 30, (rows, 12))
    words[::2, 1] = 7
    ends = rng.integers(3, 13, (rows, 1))
    np.save(folder / "x.npy", np.where(np.arange(12) < ends, words, 0).astype("int32"))
    np.save(folder / "y.npy", (np.arange(rows) % 2 == 0).astype("int64"))
    schema = DataSchema(
        "text", "classification", (12,), classes=("without", "with"), rows=rows, vocabulary=30
    )
    return write_schema_and_split(folder, schema, parts)


def write_schema_and_split(folder: Path, schema: DataSchema, parts: int) -> DataOrder:
    """Write what stands beside the arrays; the parts differ in size."""
    (folder / "schema.json").write_text(json.dumps(schema.to_dict()))
    split = {}
    for part in range(parts):
        order = np.random.default_rng(part).permutation(schema.rows)
        edge = schema.rows * 4 // 5 - part
        split[f"train_{part}"], split[f"validation_{part}"] = order[:edge], order[edge:]
    np.savez(folder / "split.npz", **split)
    return DataOrder(str(folder), str(folder / "split.npz"), "hash")


def write_cancer(folder: Path, *, parts: int = 1) -> DataOrder:
    """Write scikit-learn's breast cancer, two classes from thirty numbers."""

    from sklearn.datasets import load_breast_cancer

    cancer = load_breast_cancer()
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "numbers.npy", cancer.data.astype("float32"))
    np.save(folder / "y.npy", cancer.target.astype("int64"))
    columns = tuple(Column(str(name), "number") for name in cancer.feature_names)
    schema = DataSchema(
        "table",
        "classification",
        (len(columns), 0),
        classes=("malignant", "benign"),
        columns=columns,
        rows=len(cancer.target),
    )
    return write_schema_and_split(folder, schema, parts)
