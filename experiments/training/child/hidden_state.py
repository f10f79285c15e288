"""What a trace holds beside variables: constants of layers, which another build may change.

Room: training child. Normalization keeps the mean it learned as a tensor, Rescaling a target's
scale as a number. Another fold gives others; then the epoch has to be traced again.
"""

from typing import Any

import numpy as np
import tensorflow as tf

# Counted up from build to build, or drawn anew; no trace depends on them.
NAMES = frozenset({"name", "_name", "_path", "_parent_path", "path", "seed"})
Scalar = int | float | str


def differs(traced: Any, fresh: Any) -> bool:
    """Tell whether the trace of one model would not be that of the other."""
    mine, theirs = _layers(traced), _layers(fresh)
    return len(mine) != len(theirs) or any(
        _constants(a) != _constants(b) for a, b in zip(mine, theirs, strict=True)
    )


def _layers(model: Any) -> list[Any]:
    # A model's own configuration lists its layers by name; they are compared one by one instead.
    return [layer for layer in model._flatten_layers() if not hasattr(layer, "train_step")]


def _constants(layer: Any) -> list[Any]:
    found: list[Any] = [type(layer).__name__]
    for name, value in sorted(vars(layer).items()):
        if isinstance(value, tf.Tensor | np.ndarray):
            found.append((name, np.asarray(value).tolist()))
        elif name not in NAMES and _is_plain(value):
            found.append((name, value))
    return found


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(isinstance(item, Scalar) for item in value)
    return isinstance(value, Scalar)
