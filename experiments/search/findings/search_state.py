"""The state of a search that findings are computed from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import scipy

from experiments.search.history import History, ObservedTrial, Values
from experiments.search.models.observations import fitting
from experiments.search.space.encoding import Encoding, Matrix
from experiments.search.space.space import Space

Vector = npt.NDArray[np.float64]
Refuses = Callable[[object], str]

MOST_ROWS: Final = 4000  # of the newest trials: more tell little and cost time


@dataclass(frozen=True, slots=True)
class TrainedCurve:
    """Objective after each epoch of a completed trial's first execution, higher is better or not.

    training: the same metric on the training rows; empty where it isn't measured. ran_out: whether
    it was trained for all epochs that it was allowed.
    """

    number: int
    validation: tuple[float | None, ...]
    training: tuple[float | None, ...] = ()
    ran_out: bool = False


@dataclass(frozen=True, slots=True)
class Slots:
    """workers: that can run trials now. wanted: trials that all running searches would run at once."""

    workers: int
    wanted: int
    parallel: int


@dataclass(frozen=True, slots=True)
class Sibling:
    """An earlier search of the same data, model, protocol and objective.

    same: configurations of this search that were trained there before. overlap: share of this
    space that its space covers, in [0, 1].
    """

    code: str
    name: str
    scored: int
    same: int
    overlap: float
    used: bool = False


@dataclass(frozen=True, slots=True)
class Rival:
    """A baseline, or the winner, with its score of the main objective. phrase: its name inside of a sentence.

    expected: on new rows; None where nobody knows. code, number: of the search and the trial that trained
    it; "" and None where nothing was trained. ahead: that it is at least as good as the winner, as every page
    says it; "" where it isn't.
    """

    phrase: str
    score: float
    code: str = ""
    number: int | None = None
    expected: float | None = None
    ahead: str = ""


@dataclass(frozen=True, kw_only=True)
class SearchState:
    """Everything that findings may know.

    failures: kind by number. left: trials that may still be added. stops_early: whether trainings
    end when they stop to gain. rows: that were compared for copies when the split was made; 0: none
    were. rivals: baselines with a score. winner: what they are compared with; None before one is
    named. constant: the objective's score of a constant prediction, perfect: the best that it can be; None: unknown. parameters: weights of each trial's model. unit:
    what the executions of a trial differ by. confirmed: trials that were run again with fresh seeds. refuses: why
    the model would not take a value, by hyperparameter. standing: "kind:subject" of what was found
    at the look before.
    """

    space: Space
    history: History
    objective: str = "score"
    failures: Mapping[int, str] = field(default_factory=dict)
    curves: tuple[TrainedCurve, ...] = ()
    stops_early: bool = False
    left: int = 0
    confirmed: frozenset[int] = frozenset()
    refuses: Mapping[str, Refuses] = field(default_factory=dict)
    slots: Slots | None = None
    siblings: tuple[Sibling, ...] = ()
    warnings: tuple[str, ...] = ()
    rows: int = 0
    rivals: tuple[Rival, ...] = ()
    winner: Rival | None = None
    constant: float | None = None
    perfect: float | None = None
    parameters: Mapping[int, int] = field(default_factory=dict)
    unit: str = "seed"
    standing: frozenset[str] = frozenset()

    @property
    def sign(self) -> float:
        """1 where higher scores are better, -1 where lower ones are."""
        return 1.0 if self.history.direction == "maximize" else -1.0

    @cached_property
    def _fitting(self) -> tuple[tuple[ObservedTrial, Values], ...]:
        return fitting(self.space, self.history)

    @cached_property
    def scored(self) -> tuple[ObservedTrial, ...]:
        """Completed trials with a finite score that fit the space, by number; the newest of many."""
        return tuple(trial for trial, _ in self._fitting if trial.is_scored)[-MOST_ROWS:]

    @cached_property
    def scores(self) -> Vector:
        """Theirs, shape (n,), in the objective's own direction."""
        return np.array([trial.score for trial in self.scored], dtype=np.float64)

    @cached_property
    def goodness(self) -> Vector:
        """Normal scores of their ranks, shape (n,), higher is better: outliers don't rule."""
        n = len(self.scored)
        ranks = _mean_ranks(self.sign * self.scores)
        return np.asarray(scipy.special.ndtri((ranks + 0.5) / max(n, 1))) if n else np.empty(0)

    @cached_property
    def encoding(self) -> Encoding:
        """Of the space."""
        return Encoding.of(self.space)

    @cached_property
    def places(self) -> Matrix:
        """Where they lie, shape (n, d): in [0, 1] where ordered, else the choice's index; NaN: inactive."""
        values = {trial.number: values for trial, values in self._fitting}
        return self.encoding.matrix([values[trial.number] for trial in self.scored])

    @cached_property
    def ended(self) -> tuple[ObservedTrial, ...]:
        """Trials that ran to an end by themselves: completed, pruned or failed; by number."""
        ends = ("completed", "pruned", "failed")
        return tuple(t for t in self.history.trials if t.state in ends)[-MOST_ROWS:]

    def best(self, count: int) -> npt.NDArray[np.intp]:
        """Places of the best `count` of the scored, best first."""
        return np.argsort(-self.sign * self.scores, kind="stable")[:count]

    def stands(self, kind: str, subject: str) -> bool:
        """Whether this was found at the look before."""
        return f"{kind}:{subject}" in self.standing


def _mean_ranks(values: Vector) -> Vector:
    """Ranks from 0, equals share their mean rank."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    before = np.cumsum(counts) - counts
    return np.asarray((before + (counts - 1) / 2)[inverse], dtype=np.float64)
