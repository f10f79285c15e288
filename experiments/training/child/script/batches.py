"""Reads a script's tf.data.Dataset, PyDataset or generator into arrays.

Batches are read once, in their order: splits, seeds and checkpoints need rows.
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
    """The kind of a `fit`'s first argument."""
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


def first_rows(arguments: dict[str, Any]) -> tuple[Any, Any]:
    """A few inputs and targets of a `fit`'s arguments, as arrays; None where there are none."""
    x, y = arguments.get("x"), arguments.get("y")
    pack = pack_of(x)
    if pack == "generator":
        return None, None  # reading would consume it
    if pack != "arrays":
        first = _pair(next(iter(_all(x)), None))
        x, y = keras.tree.map_structure(np.asarray, first)
    few = keras.tree.map_structure(lambda each: None if each is None else each[:FEW], (x, y))
    return few[0], few[1]


def few_rows(arguments: dict[str, Any]) -> tuple[tuple[Any, ...], Any]:
    """A few rows for a custom fit: positional arguments, and validation_data."""
    x = arguments.get("x")
    if isinstance(x, tf.data.Dataset):
        return (x.take(1),), x.take(1)
    pack = pack_of(x)
    if pack == "PyDataset":
        return (x,), x
    if inspect.isgenerator(x):
        return ([next(x)],), None
    rows = first_rows(arguments)
    return (rows[:1], None) if arguments.get("y") is None else (rows, rows)


def batch_size_of(arguments: dict[str, Any]) -> int:
    """Rows of a script's batch; 0 for arrays, or where it is unknown."""
    pack = pack_of(arguments.get("x"))
    if pack in ("arrays", "generator"):
        return 0
    x, _ = _pair(next(iter(_all(arguments["x"])), None))
    shapes = [np.shape(each) for each in keras.tree.flatten(x)]
    spec = keras.tree.flatten(getattr(arguments["x"], "element_spec", None))
    if spec and spec[-1] is not None and not spec[-1].shape.rank:
        return 0  # single rows
    return int(shapes[0][0]) if shapes and shapes[0] else 0


def _pair(batch: Any) -> tuple[Any, Any]:
    """Inputs and targets of a batch, or None without targets."""
    if isinstance(batch, tuple | list) and len(batch) > 1:
        return batch[0], batch[1]
    return (batch[0] if isinstance(batch, tuple | list) else batch), None


def _finite(batches: Any, name: str, steps: int | None) -> Iterable[Any]:
    if steps:
        return itertools.islice(_all(batches), int(steps))
    if _ends(batches):
        return _all(batches)
    fix = "Remove repeat(), or set" if isinstance(batches, tf.data.Dataset) else "Set"
    raise ModelProblem(
        f"{name} is infinite. {fix} the batches per epoch: steps_per_epoch=… "
        "(validation_steps=… for validation)."
    )


def _ends(batches: Any) -> bool:
    """Whether it has an end; a generator's is unknown."""
    if isinstance(batches, tf.data.Dataset):
        return int(batches.cardinality()) != int(tf.data.INFINITE_CARDINALITY)
    return isinstance(batches, keras.utils.PyDataset) and batches.num_batches is not None


def _all(batches: Any) -> Iterator[Any]:
    if not isinstance(batches, keras.utils.PyDataset):
        return iter(batches)
    most = batches.num_batches
    numbers = itertools.count() if most is None else range(most)
    return (batches[number] for number in numbers)
