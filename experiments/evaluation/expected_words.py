"""What a trial is expected to score on new rows, as pages, reports and model cards show it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from experiments.evaluation.expected import Expected, MetricScores
from experiments.evaluation.metrics import in_order
from experiments.evaluation.row_estimates import Estimate
from experiments.evaluation.row_scores import AS_ACCURACY
from experiments.number_words import NOTHING, figures, signed

NOT_COMPUTED: Final = "Computed for the leading trials when a winner is named."


@dataclass(frozen=True, slots=True)
class ExpectedScore:
    """The score expected on new rows, as pages show it.

    low, high: its 95 % interval; None where nothing could tell. basis: of `Expected`; empty where nothing
    was computed. text: value and interval. note: what it is from, and what luck of the search score it
    takes off, or why there is none. why: what is missing, as a sentence. metrics: others than the
    objective's, by name.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    basis: str = ""
    text: str = NOTHING
    note: str = NOT_COMPUTED
    why: str = ""
    metrics: Mapping[str, MetricScores] = field(default_factory=dict)

    @property
    def alone(self) -> "ExpectedScore":
        """Without other metrics: what live pages fetch again and again."""
        return replace(self, metrics={})

    def by_metric(self, main: str) -> dict[str, Estimate]:
        """What every metric is expected to be; `main` is the objective's own, empty where it is none."""
        found = {name: each.expected for name, each in self.metrics.items()}
        # From folds the objective may be more than its metric: a loss with a penalty.
        if main and self.value is not None and self.basis == "rows":
            found[main] = Estimate(self.value, self.low, self.high)
        if "accuracy" in found:
            found |= dict.fromkeys(AS_ACCURACY, found["accuracy"])
        return found


def expected_score(stored: dict[str, Any], *, higher_is_better: bool) -> ExpectedScore:
    """From a trial's stored `Expected`; without a value where nothing was computed or could be."""
    found = Expected.from_dict(stored)
    if found is None:
        return ExpectedScore()
    value, low, high = found.value, found.low, found.high
    if value is None:
        return ExpectedScore(basis=found.basis, note=found.why or NOT_COMPUTED, why=found.why)
    text = estimate_words(Estimate(value, low, high))
    note = _note(found, higher_is_better=higher_is_better)
    return ExpectedScore(
        value, low, high, found.basis, text, note, found.why, in_order(found.metrics)
    )


def estimate_words(estimate: Estimate) -> str:
    """Value and interval, where there is one."""
    text = figures(estimate.value)
    if estimate.low is not None and estimate.high is not None:
        text += f" (95 % interval {figures(estimate.low)} to {figures(estimate.high)})"
    return text


def _note(found: Expected, *, higher_is_better: bool) -> str:
    sign = -1 if higher_is_better else 1
    luck = [
        (f"selected from {found.trials:,} trials", found.choice),
        ("own best epochs", found.epochs),
    ]
    off = "; ".join(f"{what}: {signed(sign * size)}" for what, size in luck if size)
    parts = [f"Search score corrected for luck ({off})."] if off else []
    if found.basis == "rows" and found.rows:
        parts.append(f"From predictions for {found.rows:,} validation rows.")
    return " ".join([*parts, found.why]).strip()
