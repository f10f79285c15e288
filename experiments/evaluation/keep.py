"""Retention of a search's files.

The rule decides about files and logs only: scores, curves and every other record always stay.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

from experiments.search.declarations import DAYS, TRIALS, Part, declaration_of, stored_part, value

Which = Literal["all", "best", "none"]
Logs = Literal["all", "failed", "none"]
Checkpoints = Literal["resumable", "ended"]
MOST_BEST: Final = 100_000
MOST_DAYS: Final = 36_500
WINNER: Final = "the winner"  # and the trials tied with it, which no rule touches
WHICH: Final = {"all": "all trials", "best": "the best trials", "none": WINNER}


@dataclass(frozen=True, slots=True)
class Keep(Part):
    """Files to keep. After `days` all go but the winner's; None: they stay."""

    models: Which = value(
        "all",
        label="Models to keep",
        choices=WHICH,
        field="keep_models",
    )
    models_best: int = value(
        3,
        label="Best models",
        unit=TRIALS,
        lowest=1,
        highest=MOST_BEST,
        field="keep_models_best",
        shown_if=("models", ("best",)),
    )
    predictions: Which = value(
        "all",
        label="Predictions to keep",
        help="Predictions for the validation rows; plots are drawn from them.",
        choices=WHICH,
        field="keep_predictions",
    )
    predictions_best: int = value(
        3,
        label="Best predictions",
        unit=TRIALS,
        lowest=1,
        highest=MOST_BEST,
        field="keep_predictions_best",
        shown_if=("predictions", ("best",)),
    )
    logs: Logs = value(
        "all",
        label="Logs to keep",
        choices={"all": "all trials", "failed": "failed trials", "none": WINNER},
        field="keep_logs",
    )
    checkpoints: Checkpoints = value(
        "resumable",
        label="Checkpoints to keep",
        help="Without its checkpoint, a stopped trial starts from epoch 1.",
        choices={"resumable": "of trials that can resume", "ended": "until the search ends"},
        field="keep_checkpoints",
    )
    days: int | None = value(
        None,
        label="Retention",
        help="Days after the end of the search.",
        unit=DAYS,
        lowest=0,
        highest=MOST_DAYS,
        unset="unlimited",
        field="keep_days",
    )

    @property
    def asks_for_nothing(self) -> bool:
        """Whether everything stays for ever."""
        return (self.models, self.predictions, self.logs, self.checkpoints, self.days) == (
            *("all", "all", "all", "resumable"),
            None,
        )

    def of_which(self, name: str) -> str:
        """Of which trials the models, the predictions or the logs stay: "the best 7 trials"."""
        rule = getattr(self, name)
        if rule != "best":
            return declaration_of(Keep, name).choices[rule]
        best = getattr(self, f"{name}_best")
        return "the best trial" if best == 1 else f"the best {best} trials"


NOTHING: Final = Keep("none", 1, "none", 1, "none", "ended")  # but what is spared in any case


def stored_keep(plan: dict[str, Any]) -> Keep:
    """The rule of a stored plan; one from before there were rules keeps everything."""
    return stored_part(Keep, plan.get("keep") or {})
