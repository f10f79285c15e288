"""Reports: the locked test set of a search: what a reveal would show, and what reveals have shown."""

from dataclasses import dataclass

from experiments import storage
from experiments.catalog.plan_metrics import tested_metric
from experiments.data_schema import DataSchema
from experiments.evaluation.announced_range import AnnouncedRange, announce
from experiments.evaluation.expected import Expected
from experiments.evaluation.metrics import METRICS, in_order
from experiments.models import Experiment, Reveal, Trial
from experiments.models.seen_rows import SeenRows, SeenSplit, seen_earlier
from experiments.reports.experiments.protocol import seen_in


@dataclass(frozen=True, slots=True)
class Look:
    """One reveal. earlier: which of its rows had been revealed before."""

    reveal: Reveal
    earlier: SeenRows

    @property
    def lines(self) -> list[tuple[str, float, tuple[float, float] | None, list[float | None]]]:
        """Of each metric: name, score, 95 % interval, and each baseline's score."""
        scored = [one["scores"] for one in self.baselines]
        return [
            (name, value, self.reveal.intervals.get(name), [one.get(name) for one in scored])
            for name, value in in_order(self.reveal.scores).items()
        ]

    @property
    def baselines(self) -> list[dict[str, dict[str, float]]]:
        """Those that were scored on the same rows."""
        return [one for one in self.reveal.baselines if "scores" in one]

    @property
    def unscored(self) -> list[dict[str, str]]:
        """Baselines that could not be scored: name and why."""
        return [one for one in self.reveal.baselines if "why" in one]


@dataclass(frozen=True, slots=True)
class LockedTest:
    """The locked test set. rows: 0 where nothing was locked; none: why, as a sentence.

    seen: which rows of the split were revealed in the project. announced: the range that a reveal of the
    winner is expected in; unknown: why there is none.
    """

    rows: int
    none: str = ""
    looks: tuple[Look, ...] = ()
    seen: SeenSplit | None = None
    announced: AnnouncedRange | None = None
    unknown: str = ""

    @property
    def next_number(self) -> int:
        """Which reveal of these rows another one would be."""
        known = len(self.seen.locked.reveals) if self.seen else 0
        return 1 + max([known, *(each.reveal.number for each in self.looks)])

    @property
    def latest(self) -> Reveal | None:
        """The last reveal that was scored; None before one, and where nothing is locked."""
        if not self.rows:
            return None
        ready = [each.reveal for each in self.looks if each.reveal.state == Reveal.State.READY]
        return ready[-1] if ready else None

    @property
    def is_open(self) -> bool:
        """Whether somebody has revealed it, or is about to."""
        return bool(self.looks)


def locked_test(experiment: Experiment, winner: Trial) -> LockedTest:
    """What is known of the locked rows of a search, beside its winner."""
    reveals = experiment.reveals.select_related("trial", "revealed_by").order_by("number")
    rows, none = _rows(experiment)
    said = _announced(experiment, winner, rows) if rows else ""
    return LockedTest(
        rows=rows,
        none=none,
        looks=tuple(Look(each, seen_earlier(each)) for each in reveals),
        seen=seen_in(experiment),
        announced=said if isinstance(said, AnnouncedRange) else None,
        unknown=said if isinstance(said, str) else "",
    )


def _rows(experiment: Experiment) -> tuple[int, str]:
    """How many rows are locked; of 0, why."""
    why = experiment.training_data.why_not_locked
    if why:
        return 0, why
    if experiment.protocol.locked_test_share is not None:
        rows = storage.locked_rows(experiment.split_hash)
        return rows, "" if rows else f"{NOTHING_LOCKED} {CLONE}"
    if experiment.locks_own_test:
        return int(experiment.dataset_version.schema.get("test_rows", 0)), ""
    return 0, f"{SCRIPT_READS} {CLONE}"


NOTHING_LOCKED = "This search has no locked test set."
SCRIPT_READS = "The script reads the dataset’s test set, so it isn’t locked."
CLONE = "Clone it with a share of the rows locked to measure an unbiased score."
NO_EXACT = "{} has no exact value on test rows, so no range can be announced."
NOT_EXPECTED = "The expected score on new rows is unknown, so no range can be announced."
ROWS_UNKNOWN = (
    "How the score varies with rows is unknown, so no range can be announced. Use folds or rounds to "
    "measure it."
)


def _announced(experiment: Experiment, winner: Trial, rows: int) -> AnnouncedRange | str:
    """The range to announce, or why there is none."""
    schema = DataSchema.from_dict(experiment.dataset_version.schema)
    metric = METRICS.get(tested_metric(experiment.objective, schema))
    if metric is None or not experiment.objective.startswith("val_"):
        return NO_EXACT.format(experiment.objective)
    expected = Expected.from_dict(winner.expected)
    if expected is None or expected.value is None:
        return NOT_EXPECTED
    if expected.low is None or expected.high is None or not expected.rows:
        return ROWS_UNKNOWN
    return announce(
        metric.name,
        expected.value,
        (expected.low, expected.high),
        validated=expected.rows,
        rows=rows,
        is_share=metric.is_share,
    )
