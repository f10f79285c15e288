"""Template: a linear model, the baseline of every search."""

from experiments.catalog.functional_source import functional, one_hot_entry
from experiments.catalog.python_source import call
from experiments.catalog.rows import Hyperparameter, log_real
from experiments.catalog.shared_rows import LEARNING_RATE_WORDS, MANY_ROWS, epochs
from experiments.catalog.source_pieces import sequential
from experiments.catalog.template import Order, Template, unfit_vector
from experiments.data_schema import DataSchema


def _own(schema: DataSchema) -> tuple[Hyperparameter, ...]:
    # One layer has one lowest point and no way to fall off it, so it may walk fast; at the 0.001 of
    # deep models it would be far from there when a small table's few steps are over.
    rate = 3e-2 if schema.rows < MANY_ROWS else 3e-3
    return (
        log_real("learning_rate", 1e-4, 1e-1, default=rate, **LEARNING_RATE_WORDS).within(
            1e-9, 100.0
        ),
        epochs(10, 200, default=100 if schema.rows < MANY_ROWS else 20),
    )


def _write(order: Order) -> str:
    if order.schema.kind != "table":
        return sequential(order, [call("layers.Flatten")])
    return functional(order, one_hot_entry(order))


def _unfit(schema: DataSchema) -> str:
    return unfit_vector(schema) if schema.kind == "table" else ""


TEMPLATE = Template(
    slug="linear",
    name="Linear model",
    summary="One layer from inputs to output: the baseline that other models have to beat.",
    level="Sequential",
    kinds=("table", "image", "array"),
    tasks=("classification", "regression"),
    parameter_range="one weight per input and class: 7,850 on 28 × 28 images",
    own=_own,
    write=_write,
    unfit=_unfit,
)
