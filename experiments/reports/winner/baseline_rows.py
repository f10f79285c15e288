"""Reports: the trained baselines of a search as rows over its trial table. Imports models; one query."""

from dataclasses import dataclass

from django.db.models import F

from experiments.models import Experiment, Purpose, Trial
from experiments.reports.figures import finite


@dataclass(frozen=True, slots=True)
class BaselineRow:
    """A baseline's newest score; `behind`: its difference to the best trial's."""

    name: str
    experiment: str  # code
    number: int
    score: float
    spread: float | None
    behind: float | None


def baseline_rows(search: Experiment) -> tuple[BaselineRow, ...]:
    """The newest run of each kind: a linear model, the template's default values."""
    trials = Trial.objects.filter(
        experiment__follows=search, experiment__purpose=Purpose.BASELINE, score__isnull=False
    )
    rows = trials.order_by("pk").values(
        "number", "score", "spread", code=F("experiment__code"),
        recipe=F("experiment__hypermodel_version"),
    )  # fmt: skip
    best = search.best_trial.score if search.best_trial else None
    found: dict[str, BaselineRow] = {}
    for row in rows:
        is_linear = row["recipe"] != search.hypermodel_version_id
        name = "Linear model" if is_linear else "Default configuration"
        score = finite(row["score"])
        if score is None:
            continue
        found[name] = BaselineRow(
            name=name,
            experiment=str(row["code"]),
            number=row["number"],
            score=score,
            spread=finite(row["spread"]),
            behind=None if best is None else score - best,
        )
    return tuple(found.values())
