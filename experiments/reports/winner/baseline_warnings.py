"""Reports: sentences about baselines that a page begins with, and models to take instead. Imports models."""

from dataclasses import dataclass

from experiments.models import Experiment
from experiments.models.baselines_ahead import baselines_ahead
from experiments.reports.winner.downloads import ModelFile, downloads


@dataclass(frozen=True, slots=True)
class BaselineWarning:
    """A sentence; model: the baseline's, to download."""

    words: str
    model: ModelFile | None = None


def baseline_warnings(experiment: Experiment) -> tuple[BaselineWarning, ...]:
    """Of baselines at least as good as the winner; one query, and one more for their models."""
    ahead = baselines_ahead(experiment)
    trials = [each.trial for each in ahead if each.trial]
    models = downloads(trials) if trials else {}
    return tuple(
        BaselineWarning(each.words, models[each.trial.pk].first if each.trial else None)
        for each in ahead
    )
