"""State of a traced model beside its variables, which another build may change.

Normalization keeps the mean it learned as a tensor, Rescaling a target's
scale as a number. Another fold gives others: those of Keras's own layers are read out of variables
while the epoch is traced, so that the folds share it; any other constant that differs asks for a
trace of its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import keras
import numpy as np
import tensorflow as tf

# Counted up from build to build, or drawn anew; no trace depends on them.
NAMES: Final = frozenset({"name", "_name", "_path", "_parent_path", "path", "seed"})
BUILT_ON: Final = "_build_input_shape"  # of the rows it was adapted to: folds differ by one row
LENT: Final = {
    keras.layers.Normalization: ("mean", "variance"),
    keras.layers.Rescaling: ("scale", "offset"),
}
Scalar = int | float | str


class LentConstants:
    """Constants of a model's layers as variables that its trace reads."""

    def __init__(self, model: Any) -> None:
        """Make a variable of each constant, with its value."""
        self._variables = [
            (layer, name, tf.Variable(value, dtype=layer.compute_dtype, trainable=False))
            for layer in _layers(model)
            for name, value in _lent(layer)
        ]

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Put the variables where the layers look for their constants, and take them out again.

        Past the layers' own setters: Keras would take the variables for weights.
        """
        constants = [vars(layer)[name] for layer, name, _ in self._variables]
        for layer, name, variable in self._variables:
            vars(layer)[name] = variable
        try:
            yield
        finally:
            for (layer, name, _), constant in zip(self._variables, constants, strict=True):
                vars(layer)[name] = constant

    def assign(self, fresh: Any) -> None:
        """Take the constants of another build of the same model."""
        values = (value for layer in _layers(fresh) for _, value in _lent(layer))
        for (_, _, variable), value in zip(self._variables, values, strict=True):
            variable.assign(tf.cast(value, variable.dtype))


def differs(traced: Any, fresh: Any) -> bool:
    """Tell whether the trace of one model would not be that of the other."""
    mine, theirs = _layers(traced), _layers(fresh)
    return (
        len(mine) != len(theirs)
        or any(_constants(a) != _constants(b) for a, b in zip(mine, theirs, strict=True))
        or _loss_constants(traced) != _loss_constants(fresh)
    )


def _layers(model: Any) -> list[Any]:
    # A model's own configuration lists its layers by name; they are compared one by one instead.
    return [layer for layer in model._flatten_layers() if not hasattr(layer, "train_step")]


def _lent(layer: Any) -> list[tuple[str, Any]]:
    """Constants of a layer that a trace may read out of variables; a subclass may use them otherwise."""
    names = LENT.get(type(layer), ())
    found = [(name, vars(layer).get(name)) for name in names]
    return [(name, value) for name, value in found if value is not None]


def _constants(layer: Any) -> list[Any]:
    """What must be equal: shapes of lent constants, and values of all others."""
    lent = dict(_lent(layer))
    found: list[Any] = [type(layer).__name__]
    for name, value in sorted(vars(layer).items()):
        if name in lent:
            found.append((name, np.shape(value)))
        elif isinstance(value, tf.Tensor | np.ndarray):
            found.append((name, np.asarray(value).tolist()))
        elif name == BUILT_ON and value is not None:
            found.append((name, value[1:]))
        elif name not in NAMES and _is_plain(value):
            found.append((name, value))
    return found


def _loss_constants(model: Any) -> list[Any]:
    """Weights and settings of the losses: a head's may weigh by the spread of its part's targets."""
    compiled = getattr(model, "_compile_config", None)
    weights = compiled.config.get("loss_weights") if compiled is not None else None
    losses = [each for each in keras.tree.flatten(model.loss) if isinstance(each, keras.Loss)]
    return [weights, *(_constants(each) for each in losses)]


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(isinstance(item, Scalar) for item in value)
    return isinstance(value, Scalar)
