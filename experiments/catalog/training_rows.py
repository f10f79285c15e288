"""Hyperparameters of every model: optimizer, learning rate, momentum, loss, batch size, epochs."""

from experiments.catalog.rows import Hyperparameter, Words, choice, log_real, share, whole
from experiments.data_schema import DataSchema

MANY_ROWS = 5_000
VERY_MANY_ROWS = 20_000

LEARNING_RATE_WORDS = Words(
    unit="per step",
    help="Learning rate. Too high diverges, too low learns too slowly.",
)

EPOCHS_WORDS = Words(
    unit="epochs", help="Maximum passes over the training rows; early stopping may end sooner."
)

OPTIMIZER = choice(
    "optimizer",
    ("adam", "sgd", "rmsprop"),
    default="adam",
    words=Words(
        unit="",
        help="Optimizer. Adam adapts to each weight and needs the least tuning.",
    ),
).held()

LEARNING_RATE = log_real("learning_rate", 1e-4, 1e-2, default=1e-3, words=LEARNING_RATE_WORDS)

MOMENTUM = share(
    "momentum",
    0.9,
    default=0.9,
    words=Words(
        unit="share of the last step",
        help="Share of the previous step that is kept. Only for sgd.",
    ),
)

L2 = log_real(
    "l2",
    1e-6,
    1e-2,
    default=0.0,
    words=Words(
        unit="per squared weight",
        help="L2 penalty on weights, added to the loss. 0 turns it off.",
    ),
)


def training_rows(schema: DataSchema) -> tuple[Hyperparameter, ...]:
    """Return the shared rows for a dataset; small data gets small batches and more epochs."""
    return (
        OPTIMIZER,
        LEARNING_RATE,
        MOMENTUM.only_if_value("optimizer", "sgd").held(),
        L2.within(0.0, 10.0).held(),
        loss_row(schema),
        choice(
            "batch_size",
            (16, 32, 64, 128, 256),
            default=32 if schema.rows < MANY_ROWS else 128,
            words=Words(
                unit="rows",
                help="Rows per step. Larger batches give faster epochs with fewer steps.",
            ),
        )
        .within(1, 65_536)
        .held(),
        whole(
            "epochs",
            5,
            50,
            step=5,
            default=_epochs(schema.rows),
            words=EPOCHS_WORDS,
        )
        .within(1, 10_000)
        .held(),
    )


def loss_row(schema: DataSchema) -> Hyperparameter:
    """Return the losses of the task."""
    if schema.task == "regression":
        return choice(
            "loss",
            ("mse", "mae", "huber"),
            default="mse",
            words=Words(
                unit="",
                help="Loss function. mse penalizes large errors most; mae and huber "
                "are robust to outliers.",
            ),
        ).held()
    losses = ["sparse_categorical_crossentropy"]
    if schema.classes_count == 2:
        losses.append("binary_crossentropy")
    return choice(
        "loss",
        losses,
        default=losses[0],
        words=Words(
            unit="",
            help=(
                "Loss function. Labels are class indices, so the sparse form is used; "
                "its value equals categorical_crossentropy on one-hot labels."
            ),
        ),
    ).held()


def _epochs(rows: int) -> int:
    if rows < MANY_ROWS:
        return 30
    return 20 if rows < VERY_MANY_ROWS else 10
