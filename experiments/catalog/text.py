"""Template: word embeddings with an average, a convolution or an LSTM."""

from experiments.catalog.functional_source import applied, functional
from experiments.catalog.python_source import STEP, call, laid_out, literal
from experiments.catalog.rows import Hyperparameter, choice, power
from experiments.catalog.shared_rows import dropout, width
from experiments.catalog.source_pieces import dense, regularizer, taken_by
from experiments.catalog.template import Order, Template
from experiments.data_schema import DataSchema

READER = choice(
    "reader",
    ("average", "convolution", "lstm"),
    default="average",
    help="How words are combined. average ignores their order and is by far the fastest; "
    "convolution finds short phrases; lstm keeps the order and is slow.",
)
VECTOR = power(
    "embedding_size", 16, 128, default=32, unit="numbers", help="Size of a word's embedding."
).within(1, 1_024)
FILTERS = power(
    "filters", 32, 256, default=64, unit="filters", help="Filters of the convolution."
).within(1, 4_096)
PHRASE = (
    choice("kernel_size", (3, 5, 7), default=5, unit="words", help="Words that a filter spans.")
    .within(1, 100)
    .fixed()
)
CELLS = power("lstm_units", 16, 128, default=32, unit="cells", help="Units of the LSTM.").within(
    1, 4_096
)


def _own(_schema: DataSchema) -> tuple[Hyperparameter, ...]:
    return (
        VECTOR,
        READER.fixed(),
        FILTERS.only_if_value("reader", "convolution").fixed(),
        PHRASE.only_if_value("reader", "convolution"),
        CELLS.only_if_value("reader", "lstm").fixed(),
        width("units", 16, 256, default=32, help="Units of the dense layer before the output."),
        dropout(default=0.3),
    )


AVERAGE = f"""{STEP}# The zeros after the last word don't count; a text without a known word is all zeros.
{STEP}known = keras.ops.cast(keras.ops.not_equal(inputs, 0), "float32")
{STEP}count = keras.ops.maximum(keras.ops.sum(known, axis=1, keepdims=True), 1.0)
{STEP}x = layers.Dot(axes=1)([known, vectors]) / count"""


def _write(order: Order) -> str:
    lines = [laid_out(taken_by(order.schema), before="inputs = "), *_reader(order)]
    lines.append(applied(dense(order, order.whole("units"))))
    lines.append(applied(call("layers.Dropout", literal(order.real("dropout")))))
    return functional(order, lines)


def _reader(order: Order) -> list[str]:
    """Write the embedding, and what makes one list of numbers of a row's vectors.

    An lstm skips zeros after the last word by their mask. A convolution's largest answers leave
    them out mostly by themselves. An average has no mask: Keras's own divides by nothing where a row
    has no word.
    """
    reader = order.text("reader")
    embedding = call(
        "layers.Embedding",
        literal(order.schema.vocabulary),
        literal(order.whole("embedding_size")),
        mask_zero=literal(True) if reader == "lstm" else None,  # noqa: FBT003 - Keras's own
    )
    lines = [applied(embedding, to="inputs", name="vectors")]
    if reader == "average":
        return [*lines, AVERAGE]
    if reader == "lstm":
        lstm = call("layers.LSTM", literal(order.whole("lstm_units")))
        return [*lines, applied(lstm, to="vectors")]
    phrases = call(
        "layers.Conv1D",
        literal(order.whole("filters")),
        literal(order.whole("kernel_size")),
        padding=literal("same"),
        activation=literal("relu"),
        kernel_regularizer=regularizer(order),
    )
    pooled = call("layers.GlobalMaxPooling1D")
    return [*lines, applied(phrases, to="vectors"), applied(pooled)]


TEMPLATE = Template(
    slug="text",
    name="Text",
    summary="Word embeddings, combined by averaging, a convolution, or an LSTM.",
    level="Functional",
    kinds=("text",),
    tasks=("classification", "regression"),
    parameter_range="160,000–1.5 million weights over 10,000 words",
    own=_own,
    write=_write,
)
