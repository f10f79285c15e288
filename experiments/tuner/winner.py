"""Recommends the winner of a search after its trials.

It takes half a second at 50 trials and a few at 1,000, too long for a page, and runs only when a tenth
more trials have a score, the best trial changed, or the search ended: some eighty times up to 10,000.
"""

import logging
from dataclasses import replace
from typing import Final, cast

from experiments.evaluation.statistical_ties import TieGroup, tie_group
from experiments.evaluation.winner_rules import (
    SUPERLATIVES,
    Candidate,
    WinnerRule,
    cheapest,
    gives_up,
)
from experiments.models import Experiment, Purpose, Trial
from experiments.reports.sampling.history import load_history
from experiments.search.history import History
from experiments.search.space.space import Space
from experiments.search.strategies.reevaluation import alone
from experiments.search.strategies.winner import LEAST, Winner, recommend
from experiments.services.experiments.winner import record_winner
from experiments.tuner.expected_scores import expected_of
from experiments.tuner.winner_on_front import is_dominated, members_on_front, never_dominated

GROWTH: Final = 1.1

log = logging.getLogger(__name__)


def name_winner(experiment_pk: int) -> None:
    """Recommend a trial if it is due; an error of the models is only logged."""
    experiment = Experiment.objects.select_related("best_trial").filter(pk=experiment_pk).first()
    if experiment is None or not _is_due(experiment):
        return
    version = experiment.space_versions.order_by("-number")[0]
    space = Space.from_dict(version.space)
    history = load_history(experiment, version.counted_as)
    try:
        winner = recommend(space, history)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        log.exception("recommending a winner failed in experiment %s", experiment_pk)
        return
    group = _tied(experiment, history)
    if winner is not None and group is not None:
        rule = cast(WinnerRule, experiment.plan.get("winner_rule", "score"))
        winner = _by_rule(experiment, space, winner, members_on_front(history, group), rule)
        winner = never_dominated(experiment, history, winner)
        again = sum(t.repeats is not None and t.state == "completed" for t in history.trials)
        scored = len(alone(history).scored)
        expected = expected_of(experiment, history, {winner.recommended, winner.observed})
        record_winner(experiment_pk, winner, group, expected, scored=scored, again=again)


def _tied(experiment: Experiment, history: History) -> TieGroup | None:
    """Return the trials statistically tied with the best score."""
    scores = {
        trial.number: trial.executions or (cast(float, trial.score),)
        for trial in alone(history).scored
    }
    return tie_group(
        scores,
        higher_is_better=experiment.direction == "maximize",
        overlap=experiment.protocol.overlap,
    )


def _by_rule(
    experiment: Experiment, space: Space, winner: Winner, group: TieGroup, rule: WinnerRule
) -> Winner:
    """Return another statistically tied trial if the form's rule chooses one, and what it gives up."""
    if rule == "score" or len(group.members) < 2:
        return winner
    defaults = space.defaults()
    searched = [row.name for row in space.searched]
    rows = experiment.trials.filter(number__in=(*group.members, group.best)).values_list(
        "number", "score", "parameters", "seconds", "epochs", "values"
    )
    scores = {number: cast(float, score) for number, score, *_ in rows}
    candidates = [
        Candidate(
            number=number,
            parameters=parameters,
            epoch_seconds=seconds / epochs if epochs else None,
            changes=sum(values.get(name) != defaults.get(name) for name in searched),
        )
        for number, _, parameters, seconds, epochs, values in rows
        if number in group.members
    ]
    chosen = cheapest(candidates, rule)
    reason = (
        f"The {SUPERLATIVES[rule]} of {len(group.members)} trials that are "
        f"statistically tied with the best (trial {group.best})."
    )
    if chosen != group.best:
        behind = (scores[chosen], scores[group.best])
        reason += f" {gives_up(experiment.objective, *behind, best=group.best)}"
    estimate = winner.estimates.get(chosen)
    return replace(winner, recommended=chosen, reason=reason, estimate=estimate, uncertainty=None)


def _is_due(experiment: Experiment) -> bool:
    best = experiment.best_trial
    if best is None or experiment.purpose != Purpose.SEARCH:
        return False
    before = int(experiment.winner.get("scored", 0))
    repeats = experiment.trials.filter(repeats__experiment=experiment, state=Trial.State.COMPLETED)
    if repeats.count() > int(experiment.winner.get("again", 0)):
        return True
    scored = experiment.trials.filter(Trial.SCORED).count()
    if experiment.winner.get("observed") != best.number:
        return True
    if scored > before and is_dominated(experiment):
        return True
    if experiment.state not in Experiment.TURNING or before < LEAST <= scored:
        return scored > before
    return scored >= LEAST and scored >= before * GROWTH
