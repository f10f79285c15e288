"""The datasets of the recorded learning curves: small, and part of scikit-learn."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_wine,
    make_friedman1,
)

LOADERS: Final[dict[str, tuple[Callable[..., Any], int]]] = {  # and how many rows train
    "digits": (load_digits, 900),
    "cancer": (load_breast_cancer, 300),
    "friedman": (make_friedman1, 500),
    "wine": (load_wine, 90),
    "diabetes": (load_diabetes, 240),
}


@dataclass(frozen=True, slots=True)
class Data:
    """Standardized rows, shape (n, features), and labels or standardized targets, shape (n,)."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray
    outputs: int

    @property
    def features(self) -> int:
        """How many columns there are."""
        return int(self.x_train.shape[1])

    @property
    def is_classification(self) -> bool:
        """Whether the targets are labels."""
        return self.outputs > 1


def load_data(name: str) -> Data:
    """A dataset, split by a fixed seed."""
    load, trained = LOADERS[name]
    if load is make_friedman1:
        x, y = load(n_samples=1500, noise=1.0, random_state=0)
    else:
        x, y = load(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    x, y = x[order].astype("float32"), y[order]
    mean, spread = x[:trained].mean(0), x[:trained].std(0)
    x = (x - mean) / np.where(spread > 0, spread, 1.0)
    if y.dtype.kind == "f":
        y = ((y - y[:trained].mean()) / y[:trained].std()).astype("float32")
        outputs = 1
    else:
        y, outputs = y.astype("int64"), int(y.max()) + 1
    return Data(x[:trained], y[:trained], x[trained:], y[trained:], outputs)
