"""Reports: the locked test set of a search: what a reveal would show, and what reveals have shown."""

from dataclasses import dataclass, replace

import numpy as np

from experiments import storage
from experiments.catalog.plan_metrics import tested_metric
from experiments.data_schema import DataSchema
from experiments.evaluation.announced_range import AnnouncedRange, announce
from experiments.evaluation.expected import Expected
from experiments.evaluation.intervals import Interval, interval, interval_of_rows
from experiments.evaluation.metrics import METRICS, in_order
from experiments.evaluation.split_facts import SplitFacts
from experiments.models import Experiment, Reveal, Trial
from experiments.models.seen_rows import SeenRows, SeenSplit, seen_earlier
from experiments.reports.experiments.protocol import seen_in
from experiments.reports.winner.baselines import fair_scores


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
    """The locked test set. rows: 0 where nothing was locked. own: the dataset's own, which a script may read.

    seen: which rows of the split were revealed in the project. announced: the range that a reveal of the
    winner is expected in; unknown: why there is none.
    """

    rows: int
    own: bool
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
        """The last reveal that was scored; None before one."""
        ready = [each.reveal for each in self.looks if each.reveal.state == Reveal.State.READY]
        return ready[-1] if ready else None

    @property
    def is_open(self) -> bool:
        """Whether somebody has revealed it, or is about to."""
        return bool(self.looks)


def locked_test(experiment: Experiment, winner: Trial) -> LockedTest:
    """What is known of the locked rows of a search, beside its winner."""
    reveals = experiment.reveals.select_related("trial", "revealed_by").order_by("number")
    rows = storage.locked_rows(experiment.split_hash)
    own = experiment.protocol.locked_test_share is None
    if own:
        test_rows = int(experiment.dataset_version.schema.get("test_rows", 0))
        rows = test_rows if experiment.locks_own_test else 0
    said = _announced(experiment, winner, rows) if rows else ""
    return LockedTest(
        rows=rows,
        own=own,
        looks=tuple(Look(each, seen_earlier(each)) for each in reveals),
        seen=seen_in(experiment),
        announced=said if isinstance(said, AnnouncedRange) else None,
        unknown=said if isinstance(said, str) else "",
    )


NO_EXACT = "{} has no exact value on test rows, so no range can be announced."
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
    expected = _expected(experiment, winner, is_share=metric.is_share)
    if expected is None or expected.low is None or expected.high is None:
        return ROWS_UNKNOWN
    return announce(
        metric.name,
        expected.mean,
        (expected.low, expected.high),
        validated=expected.n,
        rows=rows,
        is_share=metric.is_share,
    )


def _expected(experiment: Experiment, winner: Trial, *, is_share: bool) -> Interval | None:
    """The winner's score expected on new rows; n: the validation rows that it is from.

    None where nothing tells how it varies with rows: repeats on one validation set don't.
    """
    stored = Expected.from_dict(winner.expected)
    if stored is not None and stored.value is not None and stored.low is not None and stored.rows:
        return Interval(stored.value, stored.low, stored.high, stored.rows)
    found = interval(fair_scores(experiment, winner), overlap=experiment.protocol.overlap)
    if found is None or not experiment.split_facts:
        return None
    parts = SplitFacts.from_dict(experiment.split_facts).parts
    validated = min(sum(part[1] for part in parts), max(sum(part) for part in parts))
    if len(parts) > 1 and found.low is not None:
        return replace(found, n=validated)
    if not is_share:
        return None
    right = round(found.mean * validated)
    return interval_of_rows(np.repeat([1.0, 0.0], [right, validated - right]), is_share=True)
