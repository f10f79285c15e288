"""Template: a wide linear branch beside a deep one."""

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
from experiments.catalog.python_source import STEP, call, literal
from experiments.catalog.rows import Hyperparameter
from experiments.catalog.shared_rows import ACTIVATION, EMBEDDING_SIZE, depth, dropout, width
from experiments.catalog.source_pieces import dense
from experiments.catalog.template import Order, Template, unfit_vector
from experiments.data_schema import DataSchema


def _own(schema: DataSchema) -> tuple[Hyperparameter, ...]:
    return (
        depth("deep_layers", 4, default=2, help="Number of dense layers of the deep branch."),
        width("deep_units", 16, 256, default=64, help="Units of each layer of the deep branch."),
        dropout(default=0.1),
        ACTIVATION,
        *((EMBEDDING_SIZE,) if schema.categories else ()),
    )


def _write(order: Order) -> str:
    lines = vector_entry(order)
    numbers = ["scaled"] if has_numbers(order) else []
    if has_categories(order):
        lines += [ONE_HOT, EMBEDDED.replace("{size}", literal(order.whole("embedding_size")))]
    lines.append(f"{STEP}# The wide branch goes straight to the answer: rules by column.")
    lines.append(joined([*numbers, *categories_joined(order, "one_hot")], name="wide"))
    lines.append(f"{STEP}# The deep branch learns how columns play together.")
    lines.append(joined([*numbers, *categories_joined(order, "embedded")], name="deep"))
    layer = dense(order, order.whole("deep_units"), activation=order.text("activation"))
    dropped = call("layers.Dropout", literal(order.real("dropout")))
    for _ in range(order.whole("deep_layers")):
        lines += [applied(each, to="deep", name="deep") for each in (layer, dropped)]
    lines.append(joined(["wide", "deep"]))
    return functional(order, lines)


TEMPLATE = Template(
    slug="wide-deep",
    name="Wide and deep",
    summary="A linear branch and a deep branch over a table.",
    level="Functional",
    kinds=("table", "array"),
    tasks=("classification", "regression"),
    parameter_range="1,300–210,000 weights on 20 columns",
    own=_own,
    write=_write,
    unfit=unfit_vector,
)
