"""Template: a deeper convolutional network with augmentation and batch normalization."""

from experiments.catalog.functional_source import applied, functional
from experiments.catalog.python_source import STEP, call, laid_out, literal
from experiments.catalog.rows import Hyperparameter, share, switch
from experiments.catalog.shared_rows import depth, dropout, filters
from experiments.catalog.source_pieces import convolution, entry
from experiments.catalog.template import Order, Template, poolings, unfit_picture
from experiments.data_schema import DataSchema


def _own(_schema: DataSchema) -> tuple[Hyperparameter, ...]:
    return (
        depth(
            "blocks", 3, default=2, help="Blocks of two convolutions; each block halves the image."
        ),
        filters(default=16, high=64),
        dropout(default=0.2),
        share(
            "translation",
            0.2,
            step=0.05,
            default=0.05,
            unit="share of the height and width",
            help="Random shift of training images. 0 turns it off.",
        ).within(0.0, 0.9),
        share(
            "rotation",
            0.1,
            step=0.02,
            default=0.02,
            unit="turns",
            help="Random rotation of training images; 0.1 is 36°. 0 turns it off.",
        )
        .within(0.0, 0.5)
        .fixed(),
        switch(
            "flip",
            default=False,
            help="Random mirroring of training images. Not for digits or text: a mirrored 2 is no 2.",
        ).fixed(),
    )


def _write(order: Order) -> str:
    before, first = entry(order.schema)
    lines = [before] if before else []
    lines.append(laid_out(first[0], before="inputs = "))
    lines.append(applied(first[1], to="inputs"))
    lines += _augmentation(order)
    for number, halves in enumerate(poolings(order.schema, order.whole("blocks"))):
        lines.append(f"{STEP}x = block(x, {order.whole('filters') * 2**number})")
        if halves:
            lines.append(applied(call("layers.MaxPooling2D")))
    lines.append(applied(call("layers.GlobalAveragePooling2D")))
    lines.append(applied(call("layers.Dropout", literal(order.real("dropout")))))
    return functional(order, lines, before=[_block(order)])


def _augmentation(order: Order) -> list[str]:
    lines = []
    if far := order.real("translation"):
        move = call("layers.RandomTranslation", literal(far), literal(far), fill_mode='"nearest"')
        lines.append(applied(move))
    if turn := order.real("rotation"):
        lines.append(applied(call("layers.RandomRotation", literal(turn), fill_mode='"nearest"')))
    if order.flag("flip"):
        lines.append(applied(call("layers.RandomFlip", literal("horizontal"))))
    if lines:
        lines.insert(0, f"{STEP}# Augmentation: at work in training only.")
    return lines


def _block(order: Order) -> str:
    # Two layers of different width share one helper: its filters are an argument.
    layer = convolution(order, 0, 3, activation="")
    arguments = (("", "filters"), *layer.arguments[1:], ("use_bias", "False"))
    code = type(layer)(layer.name, arguments)
    return "\n".join(
        [
            "def block(x, filters):",
            f'{STEP}"""Return x after two convolutions with batch normalization."""',
            f"{STEP}for _ in range(2):",
            laid_out(code, indent=2, before="x = ", after="(x)"),
            # Keras's 0.99 takes hundreds of steps to forget where its averages began: on small data
            # validation stands at chance until early stopping gives up.
            f"{STEP}{STEP}x = layers.BatchNormalization(momentum=0.9)(x)",
            f'{STEP}{STEP}x = layers.Activation("relu")(x)',
            f"{STEP}return x",
        ]
    )


TEMPLATE = Template(
    slug="deep-cnn",
    name="Deep CNN",
    summary=(
        "Blocks of two convolutions with batch normalization; random shifts, "
        "rotations and optional mirroring of training images."
    ),
    level="Functional",
    kinds=("image", "array"),
    tasks=("classification", "regression"),
    parameter_range="800–1,150,000 weights on 28 × 28 images",
    own=_own,
    write=_write,
    unfit=unfit_picture,
)
