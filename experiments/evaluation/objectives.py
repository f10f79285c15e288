"""Room: evaluation (standard library only). What a search can be judged by, and which way is better."""

from collections.abc import Sequence

from experiments.search.history import Direction

HIGHER_IS_BETTER = frozenset(["accuracy", "top_3_accuracy"])


def objectives(metrics: Sequence[str]) -> tuple[str, ...]:
    """Names that a search can be judged by, the validation ones first."""
    names = ("loss", *metrics)
    return (*(f"val_{name}" for name in names), *names)


def direction_of(objective: str) -> Direction:
    """Whether the metric is better when it is higher or lower."""
    higher = objective.removeprefix("val_") in HIGHER_IS_BETTER
    return "maximize" if higher else "minimize"
