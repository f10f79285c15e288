"""The row scores of simulated searches, kept on this machine from one bench to the next."""

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from benchmarks.evaluation import halving, networks, populations, searches
from benchmarks.evaluation.halving import left
from benchmarks.evaluation.networks import EPOCHS, Array
from benchmarks.evaluation.populations import POPULATIONS, Codes
from benchmarks.evaluation.searches import PROTOCOLS, Search, simulate
from experiments.evaluation import row_scores as product
from experiments.evaluation.protocol import Protocol
from experiments.evaluation.splits import Rows

COUNTS: Final = (1, 20, 50)  # trials of a search: smaller ones are the first of the largest
TRIALS: Final = COUNTS[-1]
Outcome = TypeVar("Outcome")
CACHE: Final = (
    Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tuning-site" / "searches"
)


@dataclass(frozen=True, slots=True)
class Cell:
    """What searches are alike in. data: a population. protocol: a name of PROTOCOLS. pruned: by halving."""

    data: str
    rows: int
    protocol: str
    shuffled: bool = False
    pruned: bool = False

    @property
    def words(self) -> str:
        """How its trials are judged."""
        return f"{self.protocol}, pruned" if self.pruned else self.protocol

    def finalists(self, curves: npt.NDArray[np.float64]) -> list[npt.NDArray[np.int64]]:
        """Places of the trials that end with a score, of searches of `COUNTS` trials. curves: of `Finalists`."""
        searches = [curves[:n] for n in COUNTS]
        return [left(each) if self.pruned else np.arange(len(each)) for each in searches]


@dataclass(frozen=True, slots=True)
class ScoredSearch:
    """A search by what each validation row added to the metric, as `row_scores` has it.

    scores: (trials, epochs, rows) of each execution; linear: (epochs, rows); constant: (rows,). The
    others are those of `Search`, with the truth of the best of the first 1, 20 and 50 trials.
    """

    protocol: Protocol
    metric: str
    codes: Codes | None
    rows: list[Rows]
    scores: list[Array]
    truth: npt.NDArray[np.float64]
    constant: list[Array]
    linear: list[Array]
    linear_truth: npt.NDArray[np.float64]

    @property
    def curves(self) -> npt.NDArray[np.float64]:
        """(trials, epochs) scores of first executions."""
        curves: npt.NDArray[np.float64] = self.scores[0].mean(axis=2, dtype=np.float64)
        return curves

    @property
    def higher_is_better(self) -> bool:
        """Whether the metric is one to maximize."""
        return self.metric == "accuracy"


def scored(search: Search) -> ScoredSearch:
    """Score every row by the product's own function."""
    parts = range(len(search.rows))
    return ScoredSearch(
        search.protocol,
        search.metric,
        search.codes,
        search.rows,
        [_scores(search, search.predictions[part], part) for part in parts],
        search.truth,
        [_scores(search, search.constant[part][None, None], part)[0, 0] for part in parts],
        [_scores(search, search.linear[part][None], part)[0] for part in parts],
        search.linear_truth,
    )


def _scores(search: Search, predictions: Array, part: int) -> Array:
    """predictions: (trials, epochs, rows) or with classes; to (trials, epochs, rows)."""
    targets = search.targets[search.rows[part]]
    classes = predictions.shape[3] if predictions.ndim == 4 else 0
    task = "classification" if classes else "regression"
    found = np.empty(predictions.shape[:3], np.float32)
    for place in np.ndindex(*predictions.shape[:2]):
        scores = product.row_scores(search.metric, task, targets, predictions[place], classes)
        assert scores is not None  # no simulated network diverges
        found[place] = scores
    return found


def kept_search(cell: Cell, seed: int, trials: int = TRIALS) -> ScoredSearch:
    """Simulate a search, or read what the same sources gave before on this machine.

    Of a regression nothing is kept: its row scores aren't right or wrong.
    """
    digest = hashlib.sha256(repr((cell, seed, trials, EPOCHS)).encode())
    for module in (searches, networks, populations, halving):
        digest.update(Path(str(module.__file__)).read_bytes())
    path = CACHE / f"{digest.hexdigest()[:24]}.npz"
    if path.exists():
        return _read(path, PROTOCOLS[cell.protocol])
    population = POPULATIONS[cell.data]
    population = population.shuffled if cell.shuffled else population
    protocol = PROTOCOLS[cell.protocol]
    search = scored(
        simulate(population, cell.rows, trials, protocol, seed, finalists=cell.finalists)
    )
    if search.higher_is_better:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(search, path)
    return search


# Whether rows are right takes a bit each: a search over 5,000 rows is 1 MB instead of 300 MB of probabilities.
def _write(search: ScoredSearch, path: Path) -> None:
    tables: dict[str, npt.NDArray[np.generic]] = {
        "truth": search.truth,
        "linear_truth": search.linear_truth,
    }
    if search.codes is not None:
        tables["codes"] = search.codes
    for part, rows in enumerate(search.rows):
        tables[f"rows_{part}"] = rows
        for name in ("scores", "linear", "constant"):
            tables[f"{name}_{part}"] = np.packbits(getattr(search, name)[part] > 0, axis=-1)
    unfinished = path.with_suffix(f".{os.getpid()}.npz")
    np.savez(unfinished, allow_pickle=False, **tables)
    unfinished.replace(path)


def _read(path: Path, protocol: Protocol) -> ScoredSearch:
    with np.load(path, allow_pickle=False) as stored:
        parts = range(protocol.executions)
        rows = [stored[f"rows_{part}"] for part in parts]

        def scores(name: str) -> list[Array]:
            return [
                np.unpackbits(stored[f"{name}_{part}"], axis=-1, count=len(own)).astype(np.float32)
                for part, own in enumerate(rows)
            ]

        return ScoredSearch(
            protocol,
            "accuracy",
            stored["codes"] if "codes" in stored.files else None,
            rows,
            scores("scores"),
            stored["truth"],
            scores("constant"),
            scores("linear"),
            stored["linear_truth"],
        )


def in_parallel(
    play: Callable[[tuple[Cell, int]], list[Outcome]], jobs: Sequence[tuple[Cell, int]]
) -> list[Outcome]:
    """What each search of a cell and a seed gave, one after the other, computed on all cores."""
    # Each process keeps to its core: more threads than cores are slower.
    with ProcessPoolExecutor(initializer=threadpool_limits, initargs=(1,)) as pool:
        return [each for found in pool.map(play, jobs) for each in found]
