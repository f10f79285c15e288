"""Template: a plain convolutional network."""

from experiments.catalog.python_source import Code, call, literal
from experiments.catalog.rows import Hyperparameter
from experiments.catalog.shared_rows import KERNEL_SIZE, depth, dropout, filters, width
from experiments.catalog.source_pieces import convolution, dense, sequential
from experiments.catalog.template import Order, Template, poolings, unfit_picture
from experiments.data_schema import DataSchema


def _own(_schema: DataSchema) -> tuple[Hyperparameter, ...]:
    return (
        depth("blocks", 3, default=2, help="Number of convolutions; each halves the image."),
        filters(default=16),
        KERNEL_SIZE,
        width("units", 32, 256, default=64, help="Units of the dense layer before the output."),
        dropout(default=0.2),
    )


def _write(order: Order) -> str:
    stack: list[Code] = []
    for block, halves in enumerate(poolings(order.schema, order.whole("blocks"))):
        size = order.whole("kernel_size")
        stack.append(convolution(order, order.whole("filters") * 2**block, size))
        if halves:
            stack.append(call("layers.MaxPooling2D"))
    stack += [
        call("layers.Flatten"),
        dense(order, order.whole("units")),
        call("layers.Dropout", literal(order.real("dropout"))),
    ]
    return sequential(order, stack)


TEMPLATE = Template(
    slug="cnn",
    name="CNN",
    summary="Convolutions that halve the image, then one dense layer. For small images.",
    level="Sequential",
    kinds=("image", "array"),
    tasks=("classification", "regression"),
    parameter_range="50,000–960,000 weights on 28 × 28 images",
    own=_own,
    write=_write,
    unfit=unfit_picture,
)
