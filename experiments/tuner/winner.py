"""Recommends the winner of a search after its trials.

It takes half a second at 50 trials and a few at 1,000, too long for a page, and runs only when a tenth
more trials have a score, the best trial changed, or the search ended: some eighty times up to 10,000.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, cast

from experiments.evaluation.row_tests import tie_group_by_rows
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
from experiments.services.experiments.winner import (
    UNPROMISED,
    Promise,
    WinnerRecord,
    record_promise,
    record_winner,
)
from experiments.tuner.baseline_outcomes import (
    expected_of_baselines,
    outcomes,
    scored_baselines,
)
from experiments.tuner.expected_scores import expected_of, leading_trials
from experiments.tuner.row_tables import Tables, row_tables
from experiments.tuner.winner_on_front import is_dominated, members_on_front, never_dominated

GROWTH: Final = 1.1

log = logging.getLogger(__name__)


def name_winner(experiment_pk: int) -> None:
    """Recommend a trial if it is due; an error of the models is only logged."""
    known = Experiment.objects.select_related("best_trial", "follows__best_trial")
    experiment = known.filter(pk=experiment_pk).first()
    if experiment is not None and experiment.purpose == Purpose.BASELINE:
        experiment = experiment.follows  # that now has one more to compare its winner with
    if experiment is None or not _is_due(experiment):
        return
    version = experiment.space_versions.order_by("-number")[0]
    space = Space.from_dict(version.space)
    history = load_history(experiment, version.counted_as)
    try:
        winner = recommend(space, history)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        log.exception("recommending a winner failed in experiment %s", experiment.pk)
        return
    if winner is None:
        return
    leading = leading_trials(experiment, history, {winner.recommended, winner.observed})
    tables = row_tables(experiment, leading)
    group = _tied(experiment, history, tables, leading)
    if group is not None:
        rule = cast(WinnerRule, experiment.plan.get("winner_rule", "score"))
        winner = _by_rule(experiment, space, winner, members_on_front(history, group), rule)
        winner = never_dominated(experiment, history, winner)
        again = sum(t.repeats is not None and t.state == "completed" for t in history.trials)
        if winner.recommended not in leading:
            leading = leading_trials(experiment, history, {winner.recommended})
            tables = row_tables(experiment, leading)
        promise = _promise(experiment, history, winner.recommended, leading, tables)
        scored = len(alone(history).scored)
        record_winner(experiment.pk, WinnerRecord(winner, group, scored, again, promise))


def complete_winner(experiment_pk: int) -> None:
    """Add to a winner that an earlier version named what is told of winners since; it stays the winner."""
    known = Experiment.objects.select_related("recommended_trial")
    experiment = known.filter(UNPROMISED, pk=experiment_pk).first()
    if experiment is None or experiment.recommended_trial is None:
        return
    version = experiment.space_versions.order_by("-number")[0]
    history = load_history(experiment, version.counted_as)
    number = experiment.recommended_trial.number
    leading = leading_trials(experiment, history, {number})
    tables = row_tables(experiment, leading)
    record_promise(experiment.pk, _promise(experiment, history, number, leading, tables))


def _promise(
    experiment: Experiment,
    history: History,
    number: int,
    leading: Mapping[int, int],
    tables: Tables,
) -> Promise:
    """What a winner of this number is expected to reach, and how baselines stand beside it."""
    beside = scored_baselines(experiment)  # first: one that ends meanwhile is compared later
    tried = experiment.trials.filter(state__in=Trial.JUDGED, repeats=None).count()
    scored = len(alone(history).scored)
    found = expected_of(experiment, leading, tables, tried=tried, scored=scored, also={number})
    expected = {leading[each]: its for each, its in found.items()}
    expected |= expected_of_baselines(experiment, found[number], tables)
    trial = experiment.trials.get(number=number)
    compared = outcomes(experiment, trial, expected, tables, tried=tried)
    return Promise(expected, compared, beside)


def _tied(
    experiment: Experiment, history: History, tables: Tables, leading: Mapping[int, int]
) -> TieGroup | None:
    """Return the trials statistically tied with the best score: by rows where all their rows are known."""
    table = tables.table
    if table is not None and len(tables.keys) == len(leading):
        return tie_group_by_rows(table, executions=len(tables.parts))
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
    if before and scored_baselines(experiment) > int(experiment.winner.get("beside", 0)):
        return True
    scored = experiment.trials.filter(Trial.SCORED).count()
    if experiment.winner.get("observed") != best.number:
        return True
    if scored > before and is_dominated(experiment):
        return True
    if experiment.state not in Experiment.TURNING or before < LEAST <= scored:
        return scored > before
    return scored >= LEAST and scored >= before * GROWTH
