"""Trains with Keras's `fit` where fused epochs aren't possible."""

import math
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from experiments.training.child.datasets import Rows


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Rows as batches; `orders` gives the order of each epoch, None keeps that of the split."""

    def __init__(
        self,
        rows: Rows,
        batch_size: int,
        *,
        weights: np.ndarray | None = None,
        orders: Iterator[np.ndarray] | None = None,
    ) -> None:
        super().__init__()
        self._rows = rows
        self._batch_size = batch_size
        self._weights = weights
        self._orders = orders
        self._order = np.arange(len(rows))

    def __len__(self) -> int:
        return math.ceil(len(self._rows) / self._batch_size)

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        chosen = self._order[index * self._batch_size : (index + 1) * self._batch_size]
        batch = self._rows.take(chosen)
        return batch if self._weights is None else (*batch, self._weights[chosen])

    def on_epoch_begin(self) -> None:
        """Shuffle; the end of an epoch would not do, Keras tells of one before the first."""
        if self._orders is not None:
            self._order = next(self._orders)
