"""Template: learnt word vectors, and one of three ways to read a row of them.

Room: catalog (kernel: no Django, no TensorFlow).
"""

from experiments.catalog.own_rows import dropout, width
from experiments.catalog.pieces import dense, regularizer, sequential
from experiments.catalog.python import Code, call, literal
from experiments.catalog.rows import Hyperparameter, Words, choice, power
from experiments.catalog.template import Order, Template
from experiments.data_schema import DataSchema

READER = choice(
    "reader",
    ("average", "convolution", "lstm"),
    default="average",
    words=Words(
        unit="",
        help=(
            "How the words of a row are read. average forgets their order and is by far the "
            "quickest; convolution looks for short phrases; lstm reads in order and is slow."
        ),
    ),
)
VECTOR = power(
    "embedding_size",
    16,
    128,
    default=32,
    words=Words(unit="numbers", help="How many learnt numbers stand for one word."),
).within(1, 1_024)
FILTERS = power(
    "filters",
    32,
    256,
    default=64,
    words=Words(unit="filters", help="Phrases that the convolution looks for."),
).within(1, 4_096)
PHRASE = (
    choice(
        "kernel_size",
        (3, 5, 7),
        default=5,
        words=Words(unit="words", help="Words of a phrase that a filter sees at once."),
    )
    .within(1, 100)
    .held()
)
CELLS = power(
    "lstm_units",
    16,
    128,
    default=32,
    words=Words(unit="cells", help="What the lstm remembers from word to word."),
).within(1, 4_096)


def _own(_schema: DataSchema) -> tuple[Hyperparameter, ...]:
    return (
        VECTOR,
        READER.held(),
        FILTERS.only_if_value("reader", "convolution").held(),
        PHRASE.only_if_value("reader", "convolution"),
        CELLS.only_if_value("reader", "lstm").held(),
        width("units", 16, 256, default=32, help="Width of the dense layer before the answer."),
        dropout(default=0.3),
    )


def _write(order: Order) -> str:
    return sequential(
        order,
        [
            *_reader(order),
            dense(order, order.whole("units")),
            call("layers.Dropout", literal(order.real("dropout"))),
        ],
    )


def _reader(order: Order) -> list[Code]:
    """Write the embedding and what makes one list of numbers of its rows.

    Zeros after the last word are masked, so that a short text isn't an average of nothing; a
    convolution passes no mask on, and its largest answers leave the zeros out mostly by themselves.
    """
    reader = order.text("reader")
    embedding = call(
        "layers.Embedding",
        literal(order.schema.vocabulary),
        literal(order.whole("embedding_size")),
        mask_zero=None if reader == "convolution" else literal(True),  # noqa: FBT003 - Keras's own
    )
    if reader == "average":
        return [embedding, call("layers.GlobalAveragePooling1D")]
    if reader == "lstm":
        return [embedding, call("layers.LSTM", literal(order.whole("lstm_units")))]
    phrases = call(
        "layers.Conv1D",
        literal(order.whole("filters")),
        literal(order.whole("kernel_size")),
        padding=literal("same"),
        activation=literal("relu"),
        kernel_regularizer=regularizer(order),
    )
    return [embedding, phrases, call("layers.GlobalMaxPooling1D")]


TEMPLATE = Template(
    slug="text",
    name="Text",
    summary="Learnt word vectors, averaged, searched for phrases, or read in order by an LSTM.",
    level="Sequential",
    kinds=("text",),
    tasks=("classification", "regression"),
    parameter_range="160,000–1.5 million weights over 10,000 words",
    own=_own,
    write=_write,
)
