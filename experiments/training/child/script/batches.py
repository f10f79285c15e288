"""Reads a script's tf.data.Dataset, PyDataset or generator into arrays.

Its batches are read once, in their order, into arrays: the experiment's splits, seeds
and checkpoints go by rows.
"""

import inspect
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from experiments.training.child.datasets import Pack
from experiments.training.child.failures import ModelProblem

FEW = 8


def pack_of(x: Any) -> Pack:
    """What the first argument of a `fit` comes as."""
    if isinstance(x, tf.data.Dataset):
        return "tf.data.Dataset"
    if isinstance(x, keras.utils.PyDataset):
        return "PyDataset"
    return "generator" if inspect.isgenerator(x) else "arrays"


def unrolled(batches: Any, place: str, steps: int | None) -> tuple[Any, Any]:
    """Inputs and targets of all batches, or of `steps`. Raises: ModelProblem.

    place: what messages begin with.
    """
    name = f"{place}The {pack_of(batches)}"
    read = [keras.tree.map_structure(np.asarray, batch) for batch in _finite(batches, name, steps)]
    if not read or not isinstance(read[0], tuple | list) or len(read[0]) < 2:
        raise ModelProblem(f"{name} must yield pairs (x, y).")
    is_batched = np.ndim(keras.tree.flatten(read[0][1])[0]) > 0
    join = np.concatenate if is_batched else np.stack
    parts = list(zip(*read, strict=True))[:2]
    try:
        x, y = (keras.tree.map_structure(lambda *each: join(each), *part) for part in parts)
    except ValueError as error:
        raise ModelProblem(
            f"{name} yields batches of different row shapes. Make them equal."
        ) from error
    return x, y


def first_rows(told: dict[str, Any]) -> tuple[Any, Any]:
    """A few inputs and targets of a `fit`'s arguments, as arrays; None where there are none."""
    x, y = told.get("x"), told.get("y")
    pack = pack_of(x)
    if pack == "generator":
        return None, None  # what is taken out of it is gone
    if pack != "arrays":
        first = _pair(next(iter(_all(x)), None))
        x, y = keras.tree.map_structure(np.asarray, first)
    few = keras.tree.map_structure(lambda each: None if each is None else each[:FEW], (x, y))
    return few[0], few[1]


def few_rows(told: dict[str, Any]) -> tuple[tuple[Any, ...], Any]:
    """What a fit of the code's own is called with, over a few rows: in place, and as validation_data."""
    x = told.get("x")
    if isinstance(x, tf.data.Dataset):
        return (x.take(1),), x.take(1)
    pack = pack_of(x)
    if pack == "PyDataset":
        return (x,), x
    if inspect.isgenerator(x):
        return ([next(x)],), None
    rows = first_rows(told)
    return (rows[:1], None) if told.get("y") is None else (rows, rows)


def batch_size_of(told: dict[str, Any]) -> int:
    """How many rows a batch of a script's own has; 0 where it gives arrays, or nobody can tell."""
    pack = pack_of(told.get("x"))
    if pack in ("arrays", "generator"):
        return 0
    x, _ = _pair(next(iter(_all(told["x"])), None))
    shapes = [np.shape(each) for each in keras.tree.flatten(x)]
    spec = keras.tree.flatten(getattr(told["x"], "element_spec", None))
    if spec and spec[-1] is not None and not spec[-1].shape.rank:
        return 0  # single rows
    return int(shapes[0][0]) if shapes and shapes[0] else 0


def _pair(batch: Any) -> tuple[Any, Any]:
    """Inputs and targets of a batch; of one that is inputs alone, no targets."""
    if isinstance(batch, tuple | list) and len(batch) > 1:
        return batch[0], batch[1]
    return (batch[0] if isinstance(batch, tuple | list) else batch), None


def _finite(batches: Any, name: str, steps: int | None) -> Iterable[Any]:
    if steps:
        return itertools.islice(_all(batches), int(steps))
    if _ends(batches):
        return _all(batches)
    mend = "Remove repeat(), or set" if isinstance(batches, tf.data.Dataset) else "Set"
    raise ModelProblem(
        f"{name} is infinite. {mend} the batches per epoch: steps_per_epoch=… "
        "(validation_steps=… for validation)."
    )


def _ends(batches: Any) -> bool:
    """Whether it says so; of a generator nobody knows."""
    if isinstance(batches, tf.data.Dataset):
        return int(batches.cardinality()) != int(tf.data.INFINITE_CARDINALITY)
    return isinstance(batches, keras.utils.PyDataset) and batches.num_batches is not None


def _all(batches: Any) -> Iterator[Any]:
    if not isinstance(batches, keras.utils.PyDataset):
        return iter(batches)
    most = batches.num_batches
    numbers = itertools.count() if most is None else range(most)
    return (batches[number] for number in numbers)
