"""Earlier searches that a search over a recorded table starts from: of the same space on other data.

Each is a record of 50 trials of our TPE, made when it is asked for, with seeds that no search of
the bench has.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Final

from benchmarks.search.tables import DEV, Table, family_of, load_table
from benchmarks.search.tools import Ours
from experiments.search.history import EarlierStudy, Enqueued, WarmStart
from experiments.search.models.transfer_portfolio import portfolio
from experiments.search.space.space import Space
from experiments.search.space.trial_reuse import reuse_trials

KINDS: Final = ("same", "hostile")
TRIALS: Final = 50
OTHER_SEEDS: Final = 1000
Load = Callable[[str], Table]


def warm_start(table: Table, seed: int, kind: str, load: Load | None = None) -> WarmStart:
    """The warm start that the product would have made.

    kind: `same`, the development tables of the same family but this one; `hostile`, this very table
    with its losses negated, so that what was best there is worst here. load: how to read a table.
    """
    load = load or load_table_once
    names = siblings(table.name) if kind == "same" else [table.name]
    studies = tuple(_study(table.space, name, seed, kind, load) for name in names)
    picks = portfolio(table.space, studies)
    return WarmStart(
        studies=studies,
        portfolio=tuple(
            Enqueued(pick.values, f"Among the best of {studies[pick.study].label}.")
            for pick in picks
        ),
    )


def siblings(name: str) -> list[str]:
    """The development tables with the space of this one, itself left out."""
    return [other for other in DEV if family_of(other) == family_of(name) and other != name]


@lru_cache(maxsize=32)
def load_table_once(name: str) -> Table:
    """Read a table, or remember it."""
    return load_table(name)


def _study(space: Space, name: str, seed: int, kind: str, load: Load) -> EarlierStudy:
    """The record as `services.warm_start` carries it over to this space."""
    trials = _record(name, seed, kind, load)
    carried = reuse_trials(space, (values for values, _ in trials))
    losses = tuple(trials[place][1] for place in carried.places)
    label = f"{name}, negated" if kind == "hostile" else name
    return EarlierStudy(label, tuple(carried.values), losses, key=f"{label}:{seed}")


@lru_cache(maxsize=256)
def _record(
    name: str, seed: int, kind: str, load: Load
) -> tuple[tuple[dict[str, int | float | str | bool], float], ...]:
    """Configurations and the losses that were observed."""
    table = load(name)
    if kind == "hostile":
        table = replace(table, losses=-table.losses)
    other = OTHER_SEEDS + seed
    session = Ours("tpe", table, other, planned=TRIALS)
    for number in range(TRIALS):
        values = session.ask()
        if values is None:
            break
        loss, _ = table.draw(table.index(values), other, 0)
        session.tell(number, loss)
    return tuple((trial.values, trial.score or 0.0) for trial in session.trials if trial.is_scored)
