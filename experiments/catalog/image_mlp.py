"""Template: a dense layer with dropout over the flattened image."""

from experiments.catalog.python_source import call, literal
from experiments.catalog.rows import Hyperparameter, choice, whole
from experiments.catalog.shared_rows import LEARNING_RATE_WORDS, dropout
from experiments.catalog.source_pieces import dense, sequential
from experiments.catalog.template import Order, Template
from experiments.data_schema import DataSchema


def _own(_schema: DataSchema) -> tuple[Hyperparameter, ...]:
    return (
        whole(
            "units",
            32,
            512,
            step=32,
            default=128,
            unit="neurons",
            help="Units of the dense layer. More units fit more and cost more.",
        ).within(1, 65_536),
        dropout(default=0.2),
        choice("learning_rate", (1e-2, 1e-3, 1e-4), default=1e-3, **LEARNING_RATE_WORDS).within(
            1e-9, 100.0
        ),
    )


def _write(order: Order) -> str:
    return sequential(
        order,
        [
            call("layers.Flatten"),
            dense(order, order.whole("units")),
            call("layers.Dropout", literal(order.real("dropout"))),
        ],
    )


TEMPLATE = Template(
    slug="image-mlp",
    name="Image MLP",
    summary="Flattens the image into one dense layer with dropout. Fast; a good first search.",
    level="Sequential",
    kinds=("image", "array"),
    tasks=("classification", "regression"),
    parameter_range="25,000–407,000 weights on 28 × 28 images",
    own=_own,
    write=_write,
)
