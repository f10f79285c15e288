"""When a search asks its models again which trial to hand over. Room: tuner.

Asking takes about half a second at 50 trials and a few at 1,000, so it is done here and not in a
page's request, and only when a tenth more trials have a score, the best score is another one, or
the search is over. From 25 to 10,000 trials that is some seventy times.
"""

import logging
from typing import Final

from experiments.models import Experiment, Trial
from experiments.reports.history import load_history
from experiments.search.space import Space
from experiments.search.winner import LEAST, recommend
from experiments.services.winner import record_winner

GROWTH: Final = 1.1

log = logging.getLogger(__name__)


def name_winner(experiment_pk: int) -> None:
    """Recommend a trial if it is time to; an error of the models is logged and ends nothing."""
    experiment = Experiment.objects.select_related("best_trial").filter(pk=experiment_pk).first()
    if experiment is None or not _is_due(experiment):
        return
    version = experiment.space_versions.order_by("-number")[0]
    history = load_history(experiment)
    try:
        winner = recommend(Space.from_dict(version.space), history)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        log.exception("no winner could be recommended in experiment %s", experiment_pk)
        return
    if winner is not None:
        record_winner(experiment_pk, winner, scored=len(history.scored))


def _is_due(experiment: Experiment) -> bool:
    best = experiment.best_trial
    if best is None:
        return False
    before = int(experiment.winner.get("scored", 0))
    scored = experiment.trials.filter(state=Trial.State.COMPLETED, score__isnull=False).count()
    if experiment.winner.get("observed") != best.number:
        return True
    if experiment.state not in Experiment.TURNING or before < LEAST <= scored:
        return scored > before
    return scored >= LEAST and scored >= before * GROWTH
