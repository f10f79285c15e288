"""Runs the findings of a search.

Reading all trials takes half a second at 10,000, too long for a page. Significance tests run at fixed
numbers of trials (`search/findings/significance_levels.py`), so that frequent tests can't make noise
significant; counts and failures are checked more often.
"""

import logging
from typing import Final

from django.db.models import Count, Q

from experiments.models import Experiment, Purpose, Trial
from experiments.reports.analysis.search_state import load_look
from experiments.search.findings.registry import look_for, looked_for
from experiments.search.findings.significance_levels import FIRST_LOOK, is_due
from experiments.services.experiments.findings import Looked, record_look

SOON: Final = 5  # ended trials after which facts are checked again, or a twentieth
State = Trial.State

log = logging.getLogger(__name__)


def look_over(experiment_pk: int) -> None:
    """Look for a search's findings if they are due; an error of reading the search is only logged.

    Of a baseline the search is meant, whose winner has been compared with it by now.
    """
    known = Experiment.objects.select_related("dataset_version", "best_trial")
    own = Q(pk=experiment_pk)
    beside = Q(follow_ups=experiment_pk, follow_ups__purpose=Purpose.BASELINE)
    experiment = known.filter(own | beside, purpose=Purpose.SEARCH).first()
    if experiment is None:
        return
    looked = _due(experiment)
    if looked is None:
        return
    kinds = looked_for(scheduled=looked.scheduled)
    standing = experiment.findings.filter(cleared=None).values_list("kind", "subject")
    try:
        look = load_look(experiment, frozenset(f"{kind}:{subject}" for kind, subject in standing))
    except (ArithmeticError, LookupError, TypeError, ValueError):
        log.exception("findings of experiment %s failed", experiment.pk)
        return
    record_look(experiment.pk, looked, look_for(look, kinds))


def _due(experiment: Experiment) -> Looked | None:
    """The look that is due now; None when there is none."""
    counts = experiment.trials.aggregate(
        ended=Count("pk", filter=Q(state__in=(State.COMPLETED, State.PRUNED, State.FAILED))),
        failed=Count("pk", filter=Q(state=State.FAILED)),
    )
    ended, failed = counts["ended"], counts["failed"]
    before = experiment.looked
    version = experiment.space_versions.count()
    is_new = ended > before.get("scheduled", 0)
    is_over = experiment.state not in Experiment.TURNING
    scheduled = ended >= FIRST_LOOK and (
        is_due(ended, before.get("scheduled", 0))
        or (is_over and is_new)
        or (version != before.get("version", version) and is_new)
    )
    last = before.get("ended", 0)
    winner = _winner_of(experiment)
    has_ended = experiment.state in Experiment.ENDED
    facts = (
        ended >= last + max(SOON, last // 20)
        or (not before and ended)
        or (failed > before.get("failed", 0) and failed >= 3)
        or (has_ended and (ended > last or not before.get("over")))
        or (ended and winner != before.get("winner"))
    )
    if scheduled or facts:
        return Looked(ended, failed, version, winner, scheduled=scheduled, over=has_ended)
    return None


def _winner_of(experiment: Experiment) -> list[int | None]:
    """What differs once a winner was named or compared with baselines again."""
    counts = [experiment.winner.get(name, 0) for name in ("scored", "again", "beside")]
    return [experiment.recommended_trial_id, *counts]
