"""Directions of Keras metrics by name.

KerasTuner itself minimizes f1_score, r2_score and cosine_similarity, and fails on mean_io_u; what
people mean is the other way round.
"""

import re
from typing import Final

from experiments.search.history import Direction

WORDS: Final[dict[Direction, str]] = {"minimize": "min", "maximize": "max"}
_MORE: Final = frozenset((
    "acc", "auc", "precision", "recall", "true_positives", "true_negatives", "precision_at_recall",
    "recall_at_precision", "sensitivity_at_specificity", "specificity_at_sensitivity", "f1_score",
    "fbeta_score", "r2_score", "cosine_similarity", "io_u", "binary_io_u", "mean_io_u",
    "one_hot_io_u", "one_hot_mean_io_u",
))  # fmt: skip
_LESS: Final = frozenset((
    "mean_squared_error", "mse", "mean_absolute_error", "mae", "mean_absolute_percentage_error",
    "mape", "mean_squared_logarithmic_error", "msle", "root_mean_squared_error", "rmse", "hinge",
    "squared_hinge", "categorical_hinge", "poisson", "kl_divergence", "kld", "log_cosh", "logcosh",
    "huber", "false_positives", "false_negatives", "multi_objective", "default_objective",
))  # fmt: skip
_ENDS: Final[dict[str, Direction]] = {
    "accuracy": "maximize",
    "loss": "minimize",
    "crossentropy": "minimize",
}


def direction_by_name(metric: str) -> Direction | None:
    """Of a metric as Keras logs it (val_auc_1, weighted_mae); None for names that say nothing."""
    name = metric.removeprefix("val_").removeprefix("weighted_")
    name = re.sub(r"_\d+$", "", name)
    if name in _MORE:
        return "maximize"
    if name in _LESS:
        return "minimize"
    return next((found for end, found in _ENDS.items() if name.endswith(end)), None)
