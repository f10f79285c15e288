"""Retention of a search's files.

The rule decides about files and logs only: scores, curves and every other record always stay.
"""

from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, cast

from experiments.search.reading import Reader

Which = Literal["all", "best", "none"]
Logs = Literal["all", "failed", "none"]
Checkpoints = Literal["resumable", "ended"]
MOST_BEST: Final = 100_000
MOST_DAYS: Final = 36_500
WINNER: Final = "of the winner and its equals"  # which no rule touches


@dataclass(frozen=True, slots=True)
class Keep:
    """models, predictions: of which trials; `…_best`: how many, where it is "best".

    logs: "failed" keeps those of failed trials alone. checkpoints: "resumable" keeps what a stopped
    or failed trial would go on from; "ended" only until the search ends. days: after its end all
    files go but the winner's; None: never.
    """

    models: Which = "all"
    models_best: int = 3
    predictions: Which = "all"
    predictions_best: int = 3
    logs: Logs = "all"
    checkpoints: Checkpoints = "resumable"
    days: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON; `read_keep` is its inverse."""
        return asdict(self)

    @property
    def asks_for_nothing(self) -> bool:
        """Whether everything stays for ever."""
        return (self.models, self.predictions, self.logs, self.checkpoints, self.days) == (
            *("all", "all", "all", "resumable"),
            None,
        )

    @property
    def words(self) -> dict[str, str]:
        """Terms and their words, for the Protocol tab."""
        ends = {
            "resumable": "while a trial could go on from them",
            "ended": "until the search ends",
        }
        logs = {"all": "of all trials", "failed": "of failed trials", "none": WINNER}
        return {
            "Models": _which(self.models, self.models_best),
            "Predictions": _which(self.predictions, self.predictions_best),
            "Logs": logs[self.logs],
            "Checkpoints": ends[self.checkpoints],
            "For": "ever" if self.days is None else f"{self.days} days after the end",
        }


NOTHING: Final = Keep("none", 1, "none", 1, "none", "ended")  # but what is spared in any case


def read_keep(reader: Reader) -> Keep:
    """Take a rule out of JSON, noting every problem at the reader."""
    which = ("all", "best", "none")
    keep = Keep(
        models=cast(Which, reader.one_of("models", which, default="all")),
        models_best=reader.whole("models_best", lowest=1, highest=MOST_BEST, default=3),
        predictions=cast(Which, reader.one_of("predictions", which, default="all")),
        predictions_best=reader.whole("predictions_best", lowest=1, highest=MOST_BEST, default=3),
        logs=cast(Logs, reader.one_of("logs", ("all", "failed", "none"), default="all")),
        checkpoints=cast(
            Checkpoints,
            reader.one_of("checkpoints", ("resumable", "ended"), default="resumable"),
        ),
        days=reader.whole("days", lowest=0, highest=MOST_DAYS, default=None),
    )
    reader.refuse_others()
    return keep


def stored_keep(plan: dict[str, Any]) -> Keep:
    """The rule of a stored plan; one from before there were rules keeps everything."""
    return read_keep(Reader(plan.get("keep") or {}))


def _which(rule: Which, best: int) -> str:
    few = "of the best trial" if best == 1 else f"of the best {best} trials"
    return {"all": "of all trials", "best": few, "none": WINNER}[rule]
