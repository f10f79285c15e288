"""With several objectives the recommended trial is on the Pareto front: none is as good in all and better in one."""

from dataclasses import replace

import numpy as np
from django.utils.text import get_text_list

from experiments.evaluation.pareto import Losses, non_dominated, on_front
from experiments.evaluation.statistical_ties import TieGroup
from experiments.models import Experiment, Trial
from experiments.reports.analysis.pareto_front import label_of, losses_of
from experiments.reports.sampling.history import more_of
from experiments.search.history import Direction, History, Objective
from experiments.search.strategies.reevaluation import alone
from experiments.search.strategies.winner import Winner

Values = tuple[float | None, ...]


def members_on_front(history: History, group: TieGroup) -> TieGroup:
    """The tie group with its members on the front only, where it has any."""
    if not history.more_objectives:
        return group
    numbers, loss = _losses(history)
    front = {numbers[place] for place in np.flatnonzero(non_dominated(loss))}
    members = tuple(number for number in group.members if number in front)
    return replace(group, members=members or group.members)


def never_dominated(experiment: Experiment, history: History, winner: Winner) -> Winner:
    """The winner; where another trial dominates it, that one, which says so."""
    if not history.more_objectives:
        return winner
    numbers, loss = _losses(history)
    place = numbers.index(winner.recommended)
    chosen = on_front(loss, place)
    if chosen == place:
        return winner
    number = numbers[chosen]
    return replace(
        winner,
        recommended=number,
        reason=_why(experiment, winner.recommended, loss[place], loss[chosen]),
        estimate=winner.estimates.get(number),
        uncertainty=None,
    )


def is_dominated(experiment: Experiment) -> bool:
    """Whether a trial has come to dominate the recommended one; False with a single objective."""
    trial = experiment.recommended_trial
    if trial is None or trial.score is None or not experiment.further:
        return False
    sign = "lte" if experiment.direction == "minimize" else "gte"
    scored = experiment.trials.filter(Trial.SCORED, repeats=None).exclude(pk=trial.pk)
    rivals = scored.filter(**{f"score__{sign}": trial.score}).values_list("score", "metrics")
    values = [
        (score, *more_of(experiment.further, metrics))
        for score, metrics in ((trial.score, trial.metrics), *rivals)
    ]
    direction: Direction = "maximize" if experiment.direction == "maximize" else "minimize"
    return on_front(_as_losses(values, direction, experiment.further), 0) != 0


def _why(experiment: Experiment, before: int, old: Losses, new: Losses) -> str:
    if np.isnan(old).any():
        return (
            f"The best {experiment.objective} on the Pareto front; trial {before} has no value for "
            "every objective."
        )
    names = (experiment.objective, *(label_of(each.name) for each in experiment.further))
    better = [name for name, is_less in zip(names, new < old, strict=True) if is_less]
    return (
        f"On the Pareto front: better than trial {before} in {get_text_list(better, 'and')} and no "
        f"worse in any objective. By {experiment.objective} alone, trial {before} would be chosen."
    )


def _losses(history: History) -> tuple[list[int], Losses]:
    """Numbers of the scored trials, and a row of losses of each."""
    trials = alone(history).scored
    values = [(trial.score, *trial.more) for trial in trials]
    numbers = [trial.number for trial in trials]
    return numbers, _as_losses(values, history.direction, history.more_objectives)


def _as_losses(values: list[Values], direction: Direction, more: tuple[Objective, ...]) -> Losses:
    """Shape (trials, objectives), lower is better; NaN where there is no value."""
    known = [tuple(np.nan if each is None else each for each in row) for row in values]
    return losses_of(known, (Objective("score", direction), *more))
