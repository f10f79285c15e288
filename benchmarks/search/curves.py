"""The recorded learning curves: small networks on small data, every epoch of every run kept.

`python -m benchmarks.search.curves_side` records them by training.
"""

from pathlib import Path
from typing import Any, Final

RATES: Final = (1e-4, 4e-4, 1.6e-3, 6.4e-3, 2.5e-2, 1e-1)
SEEDS: Final = 3
EPOCHS: Final = 27
CURVES: Final = ("digits", "cancer", "friedman", "wine", "diabetes")
SPACE: Final[dict[str, tuple[Any, ...]]] = {
    "layers": (1, 2, 3),
    "units": (8, 24, 72),
    "optimizer": ("adam", "rmsprop", "sgd"),
    "batch_size": (32, 128),
    "learning_rate": RATES,
    "dropout": (0.0, 0.3),
}
FOLDER: Final = Path(__file__).parents[1] / "recorded"


def path_of(name: str) -> Path:
    """Where a recorded table lies."""
    return FOLDER / f"{name}.npz"
