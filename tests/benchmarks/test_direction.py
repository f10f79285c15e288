"""Whether our samplers still learn, on networks that were really trained.

A single training is a lottery ticket, so the best of 25 trials says little. What a sampler tries once
it has begun to learn says much: the places of random trials among all configurations are uniform, and
their mean over `SEEDS` searches of each table strays by a known, small deviation.
"""

import math

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from benchmarks.search.runs import play
from benchmarks.search.tables import Table, load_table
from benchmarks.search.tools import Ours

TABLES = ("digits", "friedman", "diabetes")  # where more than luck tells the best tenth apart
SEEDS, TRIALS, START, SETS = 3, 25, 10, 4000
DEVIATIONS = 6.0  # of chance: one in a thousand million


class Spy(Ours):
    """Names the best score: a model of the winner is not what this is about."""

    def winner(self) -> int:
        return self.best.winner()


@pytest.fixture(autouse=True)
def one_thread():
    """Small matrices: threads that wait for one another cost ten times as much on a busy machine."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def tables() -> list[Table]:
    return [load_table(name) for name in TABLES]


@pytest.fixture(scope="module")
def regret_of_chance(tables) -> float:
    """The search regret of the median one of many sets of random searches."""
    rng = np.random.default_rng(0)
    total = np.zeros(SETS)
    for table in tables:
        regrets = np.array([table.regret(index) for index in range(len(table.scores))])
        for _ in range(SEEDS):
            total += regrets[rng.integers(len(regrets), size=(SETS, TRIALS))].min(axis=1)
    return float(np.median(total / (SEEDS * len(tables))))


def search(slug: str, tables: list[Table]) -> tuple[float, float]:
    """Mean place of the trials after the start, 0 = best and 1 = worst, and mean search regret."""
    places, regrets = [], []
    for table in tables:
        place = np.argsort(np.argsort(table.scores)) / (len(table.scores) - 1)
        for seed in range(SEEDS):
            session = Spy(slug, table, seed)
            run = play(slug, session, table, seed=seed, trials=TRIALS, workers=1)
            places += [place[table.index(trial.values)] for trial in session.trials[START:]]
            regrets.append(run.search[TRIALS])
    return float(np.mean(places)), float(np.mean(regrets))


def limit_of_chance() -> float:
    """The mean place that uniform places reach once in a thousand million."""
    count = len(TABLES) * SEEDS * (TRIALS - START)
    return 0.5 - DEVIATIONS / math.sqrt(12 * count)


@pytest.mark.parametrize("slug", ["bayesian", "random_forest", "tpe", "annealing"])
def test_it_tries_what_chance_would_not(slug, tables, regret_of_chance):
    place, regret = search(slug, tables)
    assert place < limit_of_chance()
    assert regret < regret_of_chance


def test_random_search_tries_what_chance_would(tables, regret_of_chance):
    place, regret = search("random", tables)
    assert limit_of_chance() < place
    assert regret_of_chance / 2 < regret < regret_of_chance * 2
