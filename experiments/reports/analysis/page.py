"""Reports: what the charts of the Analysis tab need beside the trials themselves. Imports models.

The trials come as columns (history.json); this says what their hyperparameters are.
"""

from dataclasses import dataclass
from typing import Any, Final

from experiments.models import Experiment, Purpose, Trial
from experiments.reports.figures import finite
from experiments.reports.trials.order import key_of
from experiments.reports.trials.table import trial_columns

LEAST_FINISHED: Final = 2  # one trial says nothing about what its hyperparameters do
FINISHED: Final = (Trial.State.COMPLETED, Trial.State.PRUNED, Trial.State.FAILED)


@dataclass(frozen=True, slots=True)
class Analysis:
    """finished: trials that ended by themselves, as far as they are counted: also of those without a
    score there are curves, attempts and lines that show where a search fails.

    baseline: the best score of the simple models that ran beside the search; None without one.
    config: `objective`, `direction`, `columns` as the trial table has them, and `space`: a row for
    each hyperparameter of the newest space by its column's key.
    """

    finished: int
    baseline: float | None
    config: dict[str, Any]

    @property
    def is_enough(self) -> bool:
        return self.finished >= LEAST_FINISHED


def analysis_of(experiment: Experiment) -> Analysis:
    """In four queries, whatever the number of trials."""
    ended = Trial.objects.filter(experiment=experiment, state__in=FINISHED, set_aside="")
    config = {
        "objective": experiment.objective,
        "direction": experiment.direction,
        "columns": [column.to_dict() for column in trial_columns(experiment)],
        "space": _space(experiment),
    }
    finished = ended.order_by()[:LEAST_FINISHED].count()
    return Analysis(finished=finished, baseline=_baseline(experiment), config=config)


def _baseline(experiment: Experiment) -> float | None:
    runs = Experiment.objects.filter(follows=experiment, purpose=Purpose.BASELINE).order_by()
    found = [finite(score) for score in runs.values_list("best_trial__score", flat=True)]
    scores = [score for score in found if score is not None]
    best = max if experiment.direction == "maximize" else min
    return best(scores, default=None)


def _space(experiment: Experiment) -> list[dict[str, Any]]:
    """Rows of the newest space; what only the form needs is left out."""
    versions = experiment.space_versions.order_by("-number").values_list("space", flat=True)
    rows = (versions.first() or {}).get("hyperparameters", [])
    return [_row(row) for row in rows]


def _row(row: dict[str, Any]) -> dict[str, Any]:
    kept = ("name", "type", "min", "max", "step", "scale", "choices", "ordered", "value", "unit")
    return {
        "key": key_of(row["name"]),
        "only_if": row.get("only_if"),
        **{k: row[k] for k in kept if k in row},
    }
