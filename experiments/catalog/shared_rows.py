"""Hyperparameters that several templates share, and those of training, which every model has."""

from experiments.catalog.rows import Hyperparameter, choice, log_real, power, share, whole
from experiments.data_schema import DataSchema

MANY_ROWS = 5_000
VERY_MANY_ROWS = 20_000

LEARNING_RATE_WORDS = {
    "unit": "per step",
    "help": "Learning rate. Too high diverges, too low learns too slowly.",
}
EPOCHS_WORDS = {
    "unit": "epochs",
    "help": "Maximum passes over the training rows; early stopping may end sooner.",
}

ACTIVATION = choice(
    "activation",
    ("relu", "gelu", "silu", "tanh"),
    default="relu",
    help="Activation function. relu is fast and nearly always good.",
).fixed()
OPTIMIZER = choice(
    "optimizer",
    ("adam", "sgd", "rmsprop"),
    default="adam",
    help="Optimizer. Adam adapts to each weight and needs the least tuning.",
).fixed()
LEARNING_RATE = log_real("learning_rate", 1e-4, 1e-2, default=1e-3, **LEARNING_RATE_WORDS)
MOMENTUM = share(
    "momentum",
    0.9,
    default=0.9,
    unit="share of the last step",
    help="Share of the previous step that is kept. Only for sgd.",
)
L2 = log_real(
    "l2",
    1e-6,
    1e-2,
    default=0.0,
    unit="per squared weight",
    help="L2 penalty on weights, added to the loss. 0 turns it off.",
)
KERNEL_SIZE = (
    choice("kernel_size", (3, 5), default=3, unit="pixels", help="Height and width of a filter.")
    .within(1, 31)
    .fixed()
)
EMBEDDING_SIZE = (
    power(
        "embedding_size",
        2,
        32,
        default=8,
        unit="numbers",
        help="Size of the embedding of a category.",
    )
    .within(1, 1_024)
    .fixed()
)


def dropout(*, default: float) -> Hyperparameter:
    """Declare the share of units that training drops."""
    return share(
        "dropout",
        0.5,
        default=default,
        unit="share of neurons",
        help="Share of units dropped at random in each training step, against overfitting.",
    ).within(0.0, 0.99)


def width(name: str, low: int, high: int, *, default: int, help: str) -> Hyperparameter:
    """Declare how many units a dense layer has."""
    return power(name, low, high, default=default, unit="neurons", help=help).within(1, 65_536)


def depth(name: str, high: int, *, default: int, help: str) -> Hyperparameter:
    """Declare how many layers or blocks follow one another."""
    unit = "blocks" if name == "blocks" else "layers"
    return whole(name, 1, high, default=default, unit=unit, help=help).within(1, 50)


def filters(*, default: int, high: int = 64) -> Hyperparameter:
    """Declare how many filters the first convolution has."""
    words = "Filters of the first convolution; each later block doubles them."
    return power("filters", 8, high, default=default, unit="filters", help=words).within(1, 4_096)


def epochs(low: int, high: int, *, default: int) -> Hyperparameter:
    """Declare the maximum number of epochs, in steps of `low`."""
    return (
        whole("epochs", low, high, step=low, default=default, **EPOCHS_WORDS)
        .within(1, 10_000)
        .fixed()
    )


def training_rows(schema: DataSchema) -> tuple[Hyperparameter, ...]:
    """Return the rows of training for a dataset; small data gets small batches and more epochs."""
    usual_epochs = 20 if schema.rows < VERY_MANY_ROWS else 10
    return (
        OPTIMIZER,
        LEARNING_RATE,
        MOMENTUM.only_if_value("optimizer", "sgd").fixed(),
        L2.within(0.0, 10.0).fixed(),
        loss_row(schema),
        choice(
            "batch_size",
            (16, 32, 64, 128, 256),
            default=32 if schema.rows < MANY_ROWS else 128,
            unit="rows",
            help="Rows per step. Larger batches give faster epochs with fewer steps.",
        )
        .within(1, 65_536)
        .fixed(),
        epochs(5, 50, default=30 if schema.rows < MANY_ROWS else usual_epochs),
    )


def loss_row(schema: DataSchema) -> Hyperparameter:
    """Return the losses of the task."""
    losses = ["mse", "mae", "huber"]
    words = "Loss function. mse penalizes large errors most; mae and huber are robust to outliers."
    if schema.task == "classification":
        losses = ["sparse_categorical_crossentropy"]
        words = (
            "Loss function. Labels are class indices, so the sparse form is used; its value equals "
            "categorical_crossentropy on one-hot labels."
        )
        if schema.classes_count == 2:
            losses.append("binary_crossentropy")
    return choice("loss", losses, default=losses[0], help=words).fixed()
