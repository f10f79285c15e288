"""Measures the median latency of a trained model by batch size.

Only where it is an objective: it costs up to a second a batch size.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import keras
import numpy as np
import tensorflow as tf

from experiments.evaluation.model_costs import latency_name
from experiments.training.child.datasets import Part, Rows
from experiments.training.messages import Metrics

WARM: Final = 10  # calls that are not counted: the first ones trace, plan and allocate
FEWEST: Final = 10
MOST: Final = 200
SECONDS: Final = 0.5  # of counted calls, where more than the fewest are made


def latencies(model: Any, part: Part, batches: Sequence[int]) -> Metrics:
    """Time a call on the CPU with so many rows of the part; milliseconds by the cost's name.

    With the threads of the trial, while other trials may run beside it: the median leaves single
    calls that had to wait out, yet figures of busy machines are higher.
    """
    rows = part.validation if len(part.validation) else part.train
    with tf.device("/CPU:0"):
        return {latency_name(batch): _median_ms(model, _inputs(rows, batch)) for batch in batches}


def _inputs(rows: Rows, batch: int) -> Any:
    """The first rows, again and again where there are fewer."""
    index = np.arange(batch) % len(rows)
    return keras.tree.map_structure(tf.convert_to_tensor, rows.take(index)[0])


def _median_ms(model: Any, inputs: Any) -> float:
    call = _compiled(model, inputs)
    for _ in range(WARM):
        call()
    taken: list[float] = []
    end = time.perf_counter() + SECONDS
    while len(taken) < FEWEST or (len(taken) < MOST and time.perf_counter() < end):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return 1000 * statistics.median(taken)


def _compiled(model: Any, inputs: Any) -> Callable[[], Any]:
    """One graph for these inputs, as a server would call it; without one where it can't be traced."""
    traced = tf.function(model.predict_step, autograph=False)
    try:
        traced.get_concrete_function((inputs,))
    # What a model's own code raises inside a graph (reading a tensor's value, branching on it).
    except (TypeError, ValueError, AttributeError, NotImplementedError, RuntimeError) as error:
        print(f"Measured without tracing, because the model can't be traced: {error}"[:500])  # noqa: T201
        return lambda: model.predict_step((inputs,))
    return lambda: traced((inputs,))
