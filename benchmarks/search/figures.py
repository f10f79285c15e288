"""From runs to figures: means, ratios with intervals, targets met or missed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np

from benchmarks.search.runs import Run

DRAWS, SHARE = 4000, 0.9  # of the bootstrap


class Paired(Protocol):
    """A run that is compared with those of other tools on the same table with the same seed."""

    @property
    def table(self) -> str:
        """The name of its table."""
        ...

    @property
    def seed(self) -> int:
        """What it was started with."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """The ratio of a tool's mean `what` to another's after `at` trials must not exceed `most`."""

    tool: str
    against: str
    what: str
    at: int
    most: float


TARGETS: Final = (
    Target("auto", "optuna_tpe", "regret", 25, 0.80),
    Target("auto", "optuna_tpe", "regret", 50, 0.72),
    Target("auto", "optuna_tpe", "search", 25, 0.72),
    Target("auto", "optuna_tpe", "search", 50, 0.65),
    Target("auto", "optuna_gp", "regret", 25, 0.85),
    Target("auto", "optuna_gp", "regret", 50, 0.78),
    Target("auto", "keras_tuner", "regret", 25, 0.70),
    Target("random_forest", "smac", "regret", 50, 0.60),
    Target("random_forest", "optuna_tpe", "regret", 50, 0.85),
    Target("annealing", "random", "regret", 50, 0.80),
    Target("grid", "random", "regret", 50, 1.05),
    Target("auto+same", "optuna_tpe", "regret", 10, 0.50),
    Target("auto+same", "optuna_tpe", "regret", 25, 0.65),
    Target("auto+hostile", "auto", "regret", 25, 1.20),
)
TARGETS_OF_FOUR: Final = (Target("auto", "optuna_tpe", "regret", 50, 0.75),)


def summary(runs: Sequence[Run]) -> dict[str, Any]:
    """Means over the runs of one tool."""
    return {
        "runs": len(runs),
        "regret": _means([run.regret for run in runs]),
        "observed": _means([run.observed for run in runs]),
        "search": _means([run.search for run in runs]),
        "regret_by_table": {
            name: _last_mean([run.regret for run in runs if run.table == name])
            for name in dict.fromkeys(run.table for run in runs)
        },
        "ask_ms": round(float(np.mean([run.ask_ms for run in runs])), 2),
        "slowest_ms": round(max(run.slowest_ms for run in runs), 1),
        "repeats": round(float(np.mean([run.repeats for run in runs])), 2),
    }


def _means(many: Sequence[dict[int, float]]) -> dict[int, float]:
    shared = [at for at in many[0] if all(at in each for each in many)]
    return {at: round(float(np.mean([each[at] for each in many])), 4) for at in shared}


def _last_mean(many: Sequence[dict[int, float]]) -> float:
    return round(float(np.mean([each[max(each)] for each in many])), 4)


def ratio(
    ours: Sequence[Paired], theirs: Sequence[Paired], what: str, at: int
) -> dict[str, Any] | None:
    """Mean over mean on the (table, seed) pairs that both have, with a bootstrap interval over pairs.

    wins: the share of pairs that differ in which ours is lower. None without pairs.
    """
    others = {(run.table, run.seed): getattr(run, what).get(at) for run in theirs}
    pairs = np.array(
        [
            (mine, other)
            for run in ours
            if (mine := getattr(run, what).get(at)) is not None
            and (other := others.get((run.table, run.seed))) is not None
        ]
    )
    if len(pairs) == 0 or pairs[:, 1].sum() == 0:
        return None
    drawn = np.random.default_rng(0).integers(len(pairs), size=(DRAWS, len(pairs)))
    sums = pairs[drawn].sum(axis=1)
    ratios = sums[:, 0] / np.maximum(sums[:, 1], 1e-12)
    tail = (1 - SHARE) / 2
    low, high = np.quantile(ratios, (tail, 1 - tail))
    differing = pairs[pairs[:, 0] != pairs[:, 1]]
    wins = float((differing[:, 0] < differing[:, 1]).mean()) if len(differing) else 0.5
    return {
        "ratio": round(float(pairs[:, 0].sum() / pairs[:, 1].sum()), 3),
        "low": round(float(low), 3),
        "high": round(float(high), 3),
        "wins": round(wins, 2),
        "pairs": len(pairs),
    }


def all_ratios(runs: dict[str, list[Run]], against: Sequence[str]) -> list[dict[str, Any]]:
    """Every tool against each of `against`, at each number of trials."""
    found = []
    for tool in runs:
        for other in against:
            if other == tool or other not in runs:
                continue
            for at in (10, 25, 50, 100):
                for what in ("regret", "search"):
                    figures = ratio(runs[tool], runs[other], what, at)
                    if figures is not None:
                        row = {"tool": tool, "against": other, "what": what, "at": at}
                        found.append({**row, **figures})
    return found


def judge(runs: Mapping[str, Sequence[Paired]], targets: Sequence[Target]) -> list[dict[str, Any]]:
    """The targets whose two tools were run, with what was measured."""
    rows = []
    for target in targets:
        pair = (runs.get(target.tool, []), runs.get(target.against, []))
        figures = ratio(*pair, target.what, target.at)
        if figures is not None:
            row = {name: getattr(target, name) for name in target.__slots__}
            rows.append({**row, **figures, "met": figures["ratio"] <= target.most})
    return rows
