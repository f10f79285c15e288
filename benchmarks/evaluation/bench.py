"""Whether results can be trusted: what cross-validation costs, what racing spares, what intervals cover.

`cost` and `preflight` train with the product; `shown` and half of `labels` play simulated searches; the others replay
scores that `python -m benchmarks.evaluation.record` has recorded by training.
"""

import sys
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from benchmarks.evaluation.labels import simulated_labels
from benchmarks.evaluation.linear_baseline import beside_linear_models
from benchmarks.evaluation.preflight import preflight
from benchmarks.evaluation.record import FOLDS, MODELS, path_of
from benchmarks.evaluation.shown import shown
from benchmarks.throughput import bench as throughput
from experiments.evaluation.fold_racing import lap
from experiments.evaluation.intervals import interval
from experiments.evaluation.score_rules import scores_at_others_epochs
from experiments.evaluation.statistical_ties import beats, tie_group

SEARCHES: Final = 100  # of each dataset
SEARCHED: Final = 40  # configurations of each search
PLANTED: Final = 0.02  # by which a planted winner is truly better than all others
SEEDS: Final = 10
OVERLAP: Final = 1 / (FOLDS - 1)
MOST_COST: Final = 0.8
LEAST_SAVED: Final = 0.4
MOST_REGRET: Final = 0.01
COVERED: Final = (0.92, 0.98)
LEAST_RIGHT: Final = 9
Scores = npt.NDArray[np.float64]
Figures = dict[str, Any]


PARTS: Final[dict[str, Callable[[int, int], Figures]]] = {
    "cost": lambda trials, searches: cost(trials),
    "racing": lambda trials, searches: racing(),
    "intervals": lambda trials, searches: intervals(),
    "labels": lambda trials, searches: all_labels(searches),
    "shown": lambda trials, searches: shown(searches),
    "preflight": lambda trials, searches: preflight(),
}


class NotRecorded(Exception):
    """The scores that a part replays were not recorded on this machine."""


def measure(only: str | None, *, trials: int, searches: int) -> Figures:
    """Run every part, or one of them; `passed` says whether all of their targets were met.

    trials: of each side's search of `cost`. searches: of each cell of `shown` and `labels`, whose tables
    are printed.
    """
    found = {name: part(trials, searches) for name, part in PARTS.items() if only in (None, name)}
    for each in found.values():
        sys.stdout.write(each.pop("table", ""))
    return {**found, "passed": all(each["met"] for each in found.values())}


def cost(trials: int) -> Figures:
    """CPU a trial of five folds against KerasTuner's single holdout fit, side by side."""
    found = throughput.measure(
        "digits", trials=trials, executions=1, epochs=30, slots=2, folds=FOLDS
    )
    ratio = found["ratio_cpu_per_trial"]
    return {"ratio_cv_to_single_fit": ratio, "met": ratio <= MOST_COST, "sides": found}


def racing() -> Figures:
    """Fits that racing spares, and the regret that it adds, in replayed searches of five folds."""
    saved, regret, same = [], [], []
    rng = np.random.default_rng(0)
    for data in MODELS:
        table = recorded(data)["folds"]
        truth = table.mean(axis=1)
        scale = float(truth.max() - np.median(truth))
        for _ in range(SEARCHES):
            chosen = rng.permutation(len(table))[:SEARCHED]
            fits, raced = _race(table[chosen, :FOLDS])
            plain = int(table[chosen, :FOLDS].mean(axis=1).argmax())
            saved.append(1 - fits / (SEARCHED * FOLDS))
            regret.append((truth[chosen[plain]] - truth[chosen[raced]]) / scale)
            same.append(raced == plain)
    figures = {
        "searches": len(saved),
        "fits_saved": round(float(np.mean(saved)), 3),
        "regret_added": round(float(np.mean(regret)), 4),
        "same_winner": round(float(np.mean(same)), 3),
    }
    met = figures["fits_saved"] >= LEAST_SAVED and figures["regret_added"] <= MOST_REGRET
    return {**figures, "met": met}


def _race(scores: Scores) -> tuple[int, int]:
    """Fits that were run, and the winner's place, when trials race in this order."""
    complete: list[int] = []
    fits = 0
    for place, own in enumerate(scores):
        lost = False
        for ran in range(1, FOLDS + 1):
            fits += 1
            if ran == FOLDS or not complete:
                continue
            best = max(complete, key=lambda each: float(scores[each].mean()))
            others = [[*map(float, scores[each])] for each in complete if each != best]
            found = lap(
                [*map(float, own[:ran])],
                [*map(float, scores[best])],
                others,
                higher_is_better=True,
            )
            if found is not None and found.is_lost:
                lost = True
                break
        if not lost:
            complete.append(place)
    return fits, max(complete, key=lambda each: float(scores[each].mean()))


def intervals() -> Figures:
    """How often the 95 % interval holds the mean over many samples of rows."""
    hits: list[bool] = []
    plain: list[bool] = []
    for data in MODELS:
        found = recorded(data)
        truth = float(found["outside"].mean())
        for scores in found["inside"]:
            for overlap, into in ((OVERLAP, hits), (0.0, plain)):
                around = interval([*map(float, scores)], overlap=overlap)
                into.append(around is not None and _holds(around.low, around.high, truth))
    covered = float(np.mean(hits))
    return {
        "experiments": len(hits),
        "covered": round(covered, 3),
        "covered_uncorrected": round(float(np.mean(plain)), 3),
        "met": COVERED[0] <= covered <= COVERED[1],
    }


def _holds(low: float | None, high: float | None, truth: float) -> bool:
    return low is not None and high is not None and low <= truth <= high


def all_labels(searches: int) -> Figures:
    """Recorded searches over real datasets, and simulated ones beside both baselines."""
    recorded = labels()
    constant, linear = simulated_labels(searches), beside_linear_models(searches)
    return {
        "table": f"{constant.pop('table')}\n{linear.pop('table')}",
        "recorded": recorded,
        "constant": constant,
        "linear": linear,
        "met": all(each["met"] for each in (recorded, constant, linear)),
    }


def labels() -> Figures:
    """Searches where nothing can be learnt, and searches with a winner that is truly better."""
    rng = np.random.default_rng(1)
    unbeaten, found = {}, {}
    for data in MODELS:
        tables = recorded(data)
        if "shuffled" in tables:
            unbeaten[data] = sum(
                not _beats(curves, constant)
                for curves, constant in zip(tables["shuffled"], tables["constant"], strict=True)
            )
        found[data] = sum(_finds_planted(tables["folds"], rng) for _ in range(SEEDS))
    return {
        "seeds": SEEDS,
        "no_configuration_beats_the_baseline": unbeaten,
        "planted_winner_in_the_tie_group": found,
        "met": min((*unbeaten.values(), *found.values())) >= LEAST_RIGHT,
    }


def _beats(curves: Scores, constant: Scores) -> bool:
    """Whether the best configuration is said to beat the most frequent class.

    curves: shape (configurations, folds, epochs); a fit's score is that of its best epoch.
    """
    best = curves[curves.max(axis=2).mean(axis=1).argmax()]
    return bool(
        beats(
            scores_at_others_epochs(
                [[*map(float, curve)] for curve in best], higher_is_better=True
            ),
            [*map(float, constant)],
            higher_is_better=True,
            overlap=OVERLAP,
            looks=len(curves),
        )
    )


def _finds_planted(table: Scores, rng: np.random.Generator) -> bool:
    """Whether a configuration that is lifted above all others is in the tie group."""
    chosen = rng.permutation(len(table))[:SEARCHED]
    truth = table[chosen].mean(axis=1)
    scale = float(truth.max() - np.median(truth))
    planted = int(rng.integers(len(chosen)))
    scores = table[chosen, :FOLDS].copy()
    others = np.delete(truth, planted).max()
    scores[planted] += others + max(PLANTED * abs(others), 0.2 * scale) - truth[planted]
    group = tie_group(
        {place: [*map(float, row)] for place, row in enumerate(scores)},
        higher_is_better=True,
        overlap=OVERLAP,
    )
    return group is not None and planted in group.members


def recorded(data: str) -> dict[str, Scores]:
    """Read a dataset's recorded scores. Raises NotRecorded."""
    path = path_of(data)
    if not path.exists():
        raise NotRecorded(
            f"{path.name} is missing. `python -m benchmarks.evaluation.record {data}` "
            "writes it in half an hour."
        )
    with np.load(path, allow_pickle=False) as tables:
        return {name: tables[name] for name in tables.files}
