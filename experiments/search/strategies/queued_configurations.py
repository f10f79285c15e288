"""Configurations that run before the sampler's own: queued manually or transferred."""

from collections.abc import Set
from dataclasses import replace
from typing import Final

import numpy as np

from experiments.search.history import Enqueued, History, WarmStart
from experiments.search.models.observations import Identity, Observations, identity, observe
from experiments.search.models.parego import draw_weights, scalarised, weights_words
from experiments.search.problems import SpaceError
from experiments.search.space.space import Space
from experiments.search.strategies import reevaluation
from experiments.search.strategy import Sampler, Suggestion

TRIED: Final = 3  # trials of the portfolio after which it is judged


def suggest(
    sampler: Sampler, space: Space, history: History, number: int, rng: np.random.Generator
) -> Suggestion | None:
    """Return what trial `number` runs: a re-evaluation, a queued configuration, or the sampler's
    suggestion.

    Portfolio and sampler take turns, so a portfolio of a dissimilar search costs at most half of
    the first trials. With several objectives, all use one loss with this trial's weights;
    predictions of it are no scores.
    """
    if not history.more_objectives:
        return _suggest(sampler, space, history, number, rng)
    weights = draw_weights(history, number)
    found = _suggest(sampler, space, scalarised(history, weights), number, rng)
    if found is None:
        return None
    by_losses = found.predicted is not None or found.kind == "exploit"
    why = f"{weights_words(history, weights)} {found.why}" if by_losses else found.why
    return replace(found, why=why, predicted=None, uncertainty=None, weights=())


def _suggest(
    sampler: Sampler, space: Space, history: History, number: int, rng: np.random.Generator
) -> Suggestion | None:
    again = reevaluation.suggest(space, history) if reevaluation.is_due(space, history) else None
    if again is not None:
        return again
    history = reevaluation.pooled(history)
    warm = history.warm
    if not (warm.by_hand or warm.portfolio):
        return sampler.suggest(space, history, number, rng)
    seen = observe(space, history)
    for each in _new(space, warm.by_hand, seen):
        return Suggestion(space.canonical(each.values), each.why, "manual")
    hopeless = is_hopeless(space, history, seen)
    waiting = [] if hopeless else _new(space, warm.portfolio, seen)
    if waiting and _is_its_turn(space, history, seen):
        return Suggestion(space.canonical(waiting[0].values), waiting[0].why)
    found = sampler.suggest(space, history, number, rng)
    if found is None and waiting:
        return Suggestion(space.canonical(waiting[0].values), waiting[0].why)
    return found


def is_hopeless(space: Space, history: History, seen: Observations) -> bool:
    """Whether the portfolio's first trials are all worse than the median of the others."""
    marks = _marks(space, history.warm.portfolio)
    ended = [
        (identity(values) in marks, float(loss))
        for values, loss in zip(seen.values, seen.loss, strict=True)
    ]
    from_it = [loss for is_taken_over, loss in ended if is_taken_over][:TRIED]
    own = [loss for is_taken_over, loss in ended if not is_taken_over]
    if len(from_it) < TRIED or len(own) < TRIED - 1:
        return False
    return min(from_it) > float(np.median(own))


def from_portfolio(space: Space, warm: WarmStart, seen: Set[Identity]) -> int:
    """How many of the portfolio's configurations are among those that were ever proposed."""
    return len(_marks(space, warm.portfolio) & seen)


def _marks(space: Space, enqueued: tuple[Enqueued, ...]) -> set[Identity]:
    # Records keep the values of a configuration in no order.
    return {identity(space.canonical(each.values)) for each in enqueued}


def _new(space: Space, enqueued: tuple[Enqueued, ...], seen: Observations) -> list[Enqueued]:
    """The untried ones that still fit the space, which may have changed."""
    return [
        each
        for each in enqueued
        if not _marks(space, (each,)) & seen.seen and not _misfits(space, each)
    ]


def _misfits(space: Space, each: Enqueued) -> bool:
    try:
        space.check(each.values)
    except SpaceError:
        return True
    return False


def _is_its_turn(space: Space, history: History, seen: Observations) -> bool:
    """Whether the sampler has had as many trials as the portfolio."""
    from_it = from_portfolio(space, history.warm, seen.seen)
    by_hand = len(_marks(space, history.warm.by_hand) & seen.seen)
    by_hand += sum(trial.by_hand for trial in history.trials)
    return len(history) - from_it - by_hand >= from_it
