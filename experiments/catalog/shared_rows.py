"""Hyperparameters that several templates share."""

from experiments.catalog.rows import Hyperparameter, Words, choice, power, share, whole

ACTIVATION = choice(
    "activation",
    ("relu", "gelu", "silu", "tanh"),
    default="relu",
    words=Words(unit="", help="Activation function. relu is fast and nearly always good."),
).held()


def dropout(*, default: float) -> Hyperparameter:
    """Declare the share of neurons that training switches off."""
    words = Words(
        unit="share of neurons",
        help="Share of units dropped at random in each training step, against overfitting.",
    )
    return share("dropout", 0.5, default=default, words=words).within(0.0, 0.99)


def width(name: str, low: int, high: int, *, default: int, help: str) -> Hyperparameter:
    """Declare how many neurons a dense layer has."""
    words = Words(unit="neurons", help=help)
    return power(name, low, high, default=default, words=words).within(1, 65_536)


def depth(name: str, high: int, *, default: int, help: str) -> Hyperparameter:
    """Declare how many layers or blocks follow one another."""
    unit = "blocks" if name == "blocks" else "layers"
    return whole(name, 1, high, default=default, words=Words(unit=unit, help=help)).within(1, 50)


def filters(*, default: int, high: int = 64) -> Hyperparameter:
    """Declare how many filters the first convolution has."""
    words = Words(
        unit="filters",
        help="Filters of the first convolution; each later block doubles them.",
    )
    return power("filters", 8, high, default=default, words=words).within(1, 4_096)


KERNEL_SIZE = (
    choice(
        "kernel_size",
        (3, 5),
        default=3,
        words=Words(unit="pixels", help="Height and width of a filter."),
    )
    .within(1, 31)
    .held()
)

EMBEDDING_SIZE = (
    power(
        "embedding_size",
        2,
        32,
        default=8,
        words=Words(unit="numbers", help="Size of the embedding of a category."),
    )
    .within(1, 1_024)
    .held()
)
