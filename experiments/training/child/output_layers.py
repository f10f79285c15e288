"""The output of a model on real rows: its last activations, values, targets and loss."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import keras
import numpy as np

from experiments.training.child.datasets import Part

ROWS: Final = 64
# Range of what an activation can return; others are unbounded.
RANGES: Final[dict[str, tuple[float, float]]] = {
    "softmax": (0.0, 1.0),
    "sigmoid": (0.0, 1.0),
    "hard_sigmoid": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "softsign": (-1.0, 1.0),
    "relu": (0.0, np.inf),
    "relu6": (0.0, 6.0),
    "softplus": (0.0, np.inf),
    "exponential": (0.0, np.inf),
    "elu": (-1.0, np.inf),
}
LINEAR: Final = "linear"
SHAPES_ALONE: Final = (
    keras.layers.Reshape,
    keras.layers.Flatten,
    keras.layers.Dropout,
    keras.layers.Identity,
    keras.layers.ActivityRegularization,
)


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a model on some real rows.

    name: of its target; empty where there is one. activations: from the last one back to the last layer
    with weights; empty: unknown. values: shape (rows, …). targets: of all training rows, as the loss
    gets them. loss: as it was compiled.
    """

    name: str
    activations: tuple[str, ...]
    values: np.ndarray
    targets: np.ndarray
    loss: Any

    @property
    def units(self) -> int:
        """Numbers per row."""
        return int(np.prod(self.values.shape[1:]))

    @property
    def is_index(self) -> bool:
        """Whether each target is one whole number: a class index, or a count."""
        return self.targets.dtype.kind in "iub" and self.targets.size == len(self.targets)

    @property
    def is_one_hot(self) -> bool:
        """Whether each target is a row of one 1 and zeros."""
        few = self.targets[:1000]
        return bool(
            few.ndim == 2
            and few.shape[1] > 1
            and np.isin(few, (0, 1)).all()
            and (few.sum(axis=1) == 1).all()
        )

    @property
    def classes(self) -> int:
        """How many classes the targets have."""
        if self.is_one_hot:
            return int(self.targets.shape[1])
        return int(self.targets.max(initial=-1)) + 1

    @property
    def loss_name(self) -> str:
        """The loss in snake case, as Keras spells it in `compile`; empty where there is none."""
        loss = self.loss
        if loss is None or isinstance(loss, str):
            name = loss or ""
        else:
            name = getattr(loss, "__name__", type(loss).__name__)
        return str(keras.src.utils.naming.to_snake_case(name))

    @property
    def from_logits(self) -> bool:
        """Whether the loss applies softmax or sigmoid itself."""
        more = getattr(self.loss, "_fn_kwargs", {})
        return bool(getattr(self.loss, "from_logits", False) or more.get("from_logits", False))


def outputs_of(model: Any, part: Part) -> list[Output]:
    """Run a model on a few training rows; an output without targets of its name is left out."""
    rows = part.train
    step = max(1, -(-len(rows) // ROWS))
    inputs, _ = rows.take(np.s_[::step])
    values = model(keras.tree.map_structure(keras.ops.convert_to_tensor, inputs), training=False)
    known = _symbolic(model)
    if isinstance(values, dict) and isinstance(rows.targets, dict):
        return [
            _output(
                name, values[name], targets[rows.index], _of(model.loss, name), _of(known, name)
            )
            for name, targets in rows.targets.items()
            if name in values
        ]
    flat = keras.tree.flatten(values)
    if len(flat) != 1 or isinstance(rows.targets, dict):
        return []
    loss = keras.tree.flatten(model.loss)
    symbols = keras.tree.flatten(known)
    return [
        _output("", flat[0], rows.labels, *(each[0] if each else None for each in (loss, symbols)))
    ]


def _output(name: str, values: Any, targets: np.ndarray, loss: Any, symbol: Any) -> Output:
    array = keras.ops.convert_to_numpy(values).astype("float64")
    return Output(name, tuple(_activations(symbol)), array, targets, loss)


def _of(named: Any, name: str) -> Any:
    return named.get(name) if isinstance(named, dict) else named


def _symbolic(model: Any) -> Any:
    """A functional model's outputs in their structure; None of a model that is code."""
    known = getattr(model, "_outputs_struct", None)  # a dict stays one; Sequential has none
    return getattr(model, "outputs", None) if known is None else known


def _activations(tensor: Any) -> Iterator[str]:
    """Activations from an output backwards, up to a layer with weights or one that is not known."""
    while (origin := getattr(tensor, "_keras_history", None)) is not None:
        operation = origin.operation
        if isinstance(operation, keras.Model):
            tensor = next(iter(keras.tree.flatten(_symbolic(operation))), None)
            continue
        before = keras.tree.flatten(operation._inbound_nodes[origin.node_index].input_tensors)
        source = before[0] if len(before) == 1 else None
        if isinstance(operation, keras.layers.Rescaling):  # any number stays any number
            rest = tuple(_activations(source))
            yield from rest if rest[:1] == (LINEAR,) else ()
            return
        activation = getattr(operation, "activation", None)
        name = getattr(activation, "__name__", "") or type(operation).__name__.lower()
        is_known = callable(activation) or name in RANGES
        if not is_known and not isinstance(operation, SHAPES_ALONE):
            return
        if is_known:
            yield name
        if getattr(operation, "weights", ()):
            return
        tensor = source
