"""Template: dense layers over a table, with its preprocessing inside the model."""

from experiments.catalog.functional_source import (
    EMBEDDED,
    ONE_HOT,
    applied,
    categories_joined,
    functional,
    has_categories,
    has_numbers,
    joined,
    vector_entry,
)
from experiments.catalog.python_source import call, literal
from experiments.catalog.rows import Hyperparameter, choice
from experiments.catalog.shared_rows import ACTIVATION, EMBEDDING_SIZE, depth, dropout, width
from experiments.catalog.source_pieces import dense
from experiments.catalog.template import Order, Template, unfit_vector
from experiments.data_schema import DataSchema

ENCODING = choice(
    "category_encoding",
    ("one_hot", "embedding"),
    default="one_hot",
    help="Encoding of categories: one-hot, or a learned embedding.",
).fixed()


def _own(schema: DataSchema) -> tuple[Hyperparameter, ...]:
    categories: tuple[Hyperparameter, ...] = ()
    if schema.categories:
        categories = (ENCODING, EMBEDDING_SIZE.only_if_value("category_encoding", "embedding"))
    return (
        depth("hidden_layers", 3, default=2, help="Number of dense layers."),
        width("units", 16, 256, default=64, help="Units of each dense layer."),
        dropout(default=0.1),
        ACTIVATION,
        *categories,
    )


def _write(order: Order) -> str:
    lines = vector_entry(order)
    parts = ["scaled"] if has_numbers(order) else []
    if has_categories(order):
        embeds = order.text("category_encoding") == "embedding"
        size = literal(order.chosen.get("embedding_size", 0))
        lines.append(EMBEDDED.replace("{size}", size) if embeds else ONE_HOT)
        parts += categories_joined(order, "embedded" if embeds else "one_hot")
    lines.append(joined(parts))
    layer = dense(order, order.whole("units"), activation=order.text("activation"))
    dropped = call("layers.Dropout", literal(order.real("dropout")))
    for _ in range(order.whole("hidden_layers")):
        lines += [applied(layer), applied(dropped)]
    return functional(order, lines)


TEMPLATE = Template(
    slug="table-mlp",
    name="Table MLP",
    summary=(
        "Dense layers over a table. Scaling, categories and missing values are part of the model."
    ),
    level="Functional",
    kinds=("table", "array"),
    tasks=("classification", "regression"),
    parameter_range="700–140,000 weights on 20 columns",
    own=_own,
    write=_write,
    unfit=unfit_vector,
)
