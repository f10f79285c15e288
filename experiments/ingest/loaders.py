"""Loads each built-in dataset from its files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import numpy as np

from experiments.ingest.cifar import CIFAR10, CIFAR100, Layout, read_cifar
from experiments.ingest.csv_table import read_csv
from experiments.ingest.errors import DataRefused
from experiments.ingest.file_locations import Places
from experiments.ingest.images import prepare_images
from experiments.ingest.lazy_pandas import pd
from experiments.ingest.mnist import read_fashion_mnist, read_mnist
from experiments.ingest.prepared import Prepared
from experiments.ingest.tables import prepare_table
from experiments.ingest.targets import TableChoice
from experiments.ingest.texts import prepare_texts
from experiments.ingest.word_lists import Shape, read_imdb, read_reuters, read_word_index

DIGITS = tuple(str(digit) for digit in range(10))
GARMENTS = (
    "T-shirt or top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
    "Ankle boot",
)  # fmt: skip
# The order of `keras.datasets.reuters.get_label_names()`.
TOPICS = (
    "cocoa", "grain", "veg-oil", "earn", "acq", "wheat", "copper", "housing", "money-supply",
    "coffee", "sugar", "trade", "reserves", "ship", "cotton", "carcass", "crude", "nat-gas", "cpi",
    "money-fx", "interest", "gnp", "meal-feed", "alum", "oilseed", "gold", "tin",
    "strategic-metal", "livestock", "retail", "ipi", "iron-steel", "rubber", "heat", "jobs", "lei",
    "bop", "zinc", "orange", "pet-chem", "dlr", "gas", "silver", "wpi", "hog", "lead",
)  # fmt: skip
REVIEWS = Shape(vocabulary=10_000, length=256)
NEWSWIRES = Shape(vocabulary=10_000, length=200)
HOUSING_COLUMNS = (
    "MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "Latitude",
    "Longitude",
)  # fmt: skip
HOUSES = 2_000
DISTRICTS = (("Centre", 1.45), ("Harbour", 1.2), ("North", 1.0), ("Hills", 1.3), ("East", 0.85))
HEATING = (("gas", 1.0), ("heat pump", 1.06), ("district heating", 1.02), ("oil", 0.95))


def mnist(places: Places) -> Prepared:
    """Handwritten digits."""
    return prepare_images(*read_mnist(places), classes=DIGITS)


def fashion_mnist(places: Places) -> Prepared:
    """Clothes."""
    return prepare_images(*read_fashion_mnist(places), classes=GARMENTS)


def cifar10(places: Places) -> Prepared:
    """Ten kinds of things in colour."""
    return _cifar(places, "cifar10", CIFAR10)


def cifar100(places: Places) -> Prepared:
    """A hundred kinds of things in colour, by their fine labels."""
    return _cifar(places, "cifar100", CIFAR100)


def imdb(places: Places) -> Prepared:
    """Film reviews, for or against."""
    archive, index = places.files("imdb")
    training, test = read_imdb(archive, REVIEWS)
    return prepare_texts(
        training,
        test,
        classes=("negative", "positive"),
        vocabulary=REVIEWS.vocabulary,
        words=read_word_index(index, REVIEWS),
    )


def reuters(places: Places) -> Prepared:
    """Newswires by topic."""
    archive, index = places.files("reuters")
    training, test = read_reuters(archive, NEWSWIRES)
    return prepare_texts(
        training,
        test,
        classes=TOPICS,
        vocabulary=NEWSWIRES.vocabulary,
        words=read_word_index(index, NEWSWIRES),
    )


def california_housing(places: Places) -> Prepared:
    """House values by census block, in dollars."""
    (archive,) = places.files("california_housing")
    try:
        with np.load(archive, allow_pickle=False) as content:
            frame = pd.DataFrame(content["x"].astype(np.float64), columns=list(HOUSING_COLUMNS))
            frame["MedHouseVal"] = content["y"].astype(np.float64)
    except (ValueError, KeyError, EOFError) as error:
        raise DataRefused(f"{archive} isn't the expected table. Download it again.") from error
    uses = dict.fromkeys(HOUSING_COLUMNS, "number")
    return prepare_table(frame, TableChoice("MedHouseVal", "regression", uses))  # type: ignore[arg-type]


def digits(_: Places) -> Prepared:
    """Small handwritten digits, of scikit-learn."""
    from sklearn.datasets import load_digits  # takes a second, and most programs never need it

    bunch = load_digits()
    images = bunch.images.astype(np.uint8)[..., np.newaxis]
    return prepare_images(
        (images, bunch.target.astype(np.int64)), None, classes=DIGITS, scale=16.0
    )


def scikit_table(loader: str, target: str) -> Callable[[Places], Prepared]:
    """A loader of one of scikit-learn's tables."""

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


def house_prices(_: Places) -> Prepared:
    """Synthetic houses."""
    table = read_csv(_house_prices_csv())
    return prepare_table(table.frame, TableChoice("price", "regression"), table.lines)


def _cifar(places: Places, key: str, layout: Layout) -> Prepared:
    (archive,) = places.files(key)
    training, test, classes = read_cifar(archive, layout)
    return prepare_images(training, test, classes=classes)


def _house_prices_csv() -> bytes:
    """A synthetic CSV file: 2,000 rows, numbers and categories, about 3 % of some cells missing."""
    rng = np.random.default_rng(20_240)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(
        ["area_m2", "rooms", "built", "garden_m2", "km_to_centre", "district", "heating",
         "balcony", "price"]
    )  # fmt: skip
    for _ in range(HOUSES):
        area = float(np.clip(rng.lognormal(4.5, 0.35), 25, 320))
        rooms = int(np.clip(round(area / 28 + rng.normal(0, 0.7)), 1, 9))
        built = int(rng.integers(1900, 2024))
        garden = float(rng.choice([0.0, rng.gamma(2.0, 110.0)]))
        distance = float(rng.gamma(2.0, 2.4))
        district, place = DISTRICTS[int(rng.choice(5, p=(0.2, 0.15, 0.3, 0.15, 0.2)))]
        heating, warmth = HEATING[int(rng.choice(4, p=(0.5, 0.2, 0.2, 0.1)))]
        balcony = bool(rng.random() < 0.4)
        age = 1.0 - 0.25 * np.sin(np.pi * (2024 - built) / 124)  # old and new ones cost more
        price = (
            1_900 * area**0.97 * place * warmth * age * np.exp(-0.05 * distance)
            + 120 * garden
            + 9_000 * balcony
        ) * rng.lognormal(0, 0.08)
        cells = [
            f"{area:.1f}", str(rooms), str(built), f"{garden:.0f}", f"{distance:.1f}", district,
            heating, "yes" if balcony else "no", f"{price:.0f}",
        ]  # fmt: skip
        for position in (2, 4, 6):
            if rng.random() < 0.03:
                cells[position] = ""
        writer.writerow(cells)
    return stream.getvalue().encode()
