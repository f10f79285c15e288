"""Rungs of successive halving, and the ranks at them.

Source: Li et al. 2020, "A System for Massively Parallel Hyperparameter Tuning", Algorithm 2 (ASHA);
Li et al. 2018, "Hyperband", Algorithm 1 (how many trials each bracket gets).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from experiments.number_words import plain
from experiments.search.history import History, ObservedTrial
from experiments.search.space.space import Space
from experiments.search.strategy import Decision, Promotion, Standing

Belongs = Callable[[ObservedTrial], bool]


def rung_epochs(epochs: int, *, reduction: int, levels: int, warm_up: int = 0) -> tuple[int, ...]:
    """Epochs of the rungs below `epochs`: 1, 3, 9 of 27; at 54 epochs 2, 6, 18.

    warm_up: epochs that every trial gets in any case. Two rungs that fall together are one.
    """
    scaled = (max(1, round(epochs / reduction**level)) for level in range(levels, 0, -1))
    return tuple(sorted({epoch for epoch in scaled if warm_up <= epoch < epochs}))


def bracket_of(number: int, *, reduction: int, brackets: int) -> int:
    """Which bracket trial `number` runs in; the same anywhere, since only the number counts.

    Bracket s leaves out the s lowest rungs. Hyperband gives bracket s of S + 1 in all
    ceil((S + 1) / (S - s + 1) * reduction^(S - s)) trials a round; here they take turns in that
    proportion, so that a search that ends early has seen each of them.
    """
    turns = _turns(reduction, brackets)
    return turns[number % len(turns)]


@lru_cache(maxsize=32)
def _turns(reduction: int, brackets: int) -> tuple[int, ...]:
    """The brackets of one round in order: always the one that is furthest behind its share."""
    top = brackets - 1
    sizes = [math.ceil(brackets / (top - s + 1) * reduction ** (top - s)) for s in range(brackets)]
    total = sum(sizes)
    given = [0] * brackets
    order = []
    for turn in range(1, total + 1):
        lacking = [size * turn / total - had for size, had in zip(sizes, given, strict=True)]
        chosen = max(range(brackets), key=lambda s: (lacking[s], -s))
        given[chosen] += 1
        order.append(chosen)
    return tuple(order)


def most_epochs(trial: ObservedTrial | None, history: History) -> int:
    """The epochs that rungs are scaled to: the maximum of the space, else of the trials."""
    if history.epochs:
        return history.epochs
    trials = history.trials if trial is None else (*history.trials, trial)
    found = [t.values.get("epochs") for t in trials]
    return max((int(e) for e in found if isinstance(e, int | float)), default=0)


@dataclass(frozen=True, slots=True)
class Rung:
    """The trials that have reached an epoch, the best first; of equals the earlier one."""

    epoch: int
    trials: tuple[ObservedTrial, ...]
    losses: tuple[float, ...]
    reduction: int
    bracket: int = 0

    @property
    def places(self) -> int:
        """Return how many trials are promoted: the best 1/reduction, rounded down."""
        return len(self.trials) // self.reduction

    def standing(self, number: int) -> Standing:
        """Where trial `number` stands; it must be there."""
        index = [trial.number for trial in self.trials].index(number)
        last = self.losses[self.places - 1] if self.places else math.inf
        return Standing(
            epoch=self.epoch,
            value=self._value(index),
            cutoff=self._value(self.places - 1) if math.isfinite(last) else None,
            rank=index + 1,
            n=len(self.trials),
            bracket=self.bracket,
        )

    def _value(self, index: int) -> float | None:
        value = self.trials[index].curve[self.epoch - 1]
        return value if value is not None and math.isfinite(value) else None


@dataclass(frozen=True, slots=True)
class Race:
    """One bracket: its rungs, and which trials run in it."""

    rungs: tuple[int, ...]
    reduction: int
    belongs: Belongs = lambda _: True
    bracket: int = 0

    def at(self, epoch: int, history: History) -> Rung:
        """The trials that have reached an epoch."""
        there = [t for t in history.trials if len(t.curve) >= epoch and self.belongs(t)]
        order = sorted((history.loss(t.curve[epoch - 1]), t.number, t) for t in there)
        return Rung(
            epoch=epoch,
            trials=tuple(trial for _, _, trial in order),
            losses=tuple(loss for loss, _, _ in order),
            reduction=self.reduction,
            bracket=self.bracket,
        )

    def decide(self, trial: ObservedTrial, history: History) -> Decision:
        """Continue if among the best 1/reduction of the rung, otherwise pause."""
        epoch = len(trial.curve)
        if epoch not in self.rungs:
            return Decision()
        others = (other for other in history.trials if other.number != trial.number)
        seen = History((*others, trial), history.direction)
        rung = self.at(epoch, seen)
        standing = rung.standing(trial.number)
        if standing.value is not None and standing.rank <= rung.places:
            return Decision("go_on", standing_words(standing, "Continues"), standing)
        return Decision("pause", standing_words(standing, "Paused"), standing)

    def promotable(self, history: History) -> Promotion | None:
        """The best trial among the best of its rung that was not promoted yet."""
        for epoch in reversed(self.rungs):
            rung = self.at(epoch, history)
            for trial, loss in zip(rung.trials[: rung.places], rung.losses, strict=False):
                if self._waits_at(trial, epoch) and math.isfinite(loss):
                    return self._promotion(rung, trial, "Promoted")
        return None

    def best_paused(self, history: History) -> Promotion | None:
        """Return the best paused trial of the highest rung that has one."""
        for epoch in reversed(self.rungs):
            rung = self.at(epoch, history)
            for trial, loss in zip(rung.trials, rung.losses, strict=True):
                if self._waits_at(trial, epoch) and math.isfinite(loss):
                    return self._promotion(rung, trial, "Promoted so that one trial completes")
        return None

    def _waits_at(self, trial: ObservedTrial, epoch: int) -> bool:
        """Paused, and this is the highest rung that it has reached."""
        reached = [rung for rung in self.rungs if rung <= len(trial.curve)]
        return trial.state == "paused" and reached[-1] == epoch

    def _promotion(self, rung: Rung, trial: ObservedTrial, deed: str) -> Promotion:
        standing = rung.standing(trial.number)
        return Promotion(trial.number, standing_words(standing, deed), standing)


def last_resort(races: tuple[Race, ...], history: History) -> Promotion | None:
    """Promote the best paused trial if a search would end without a complete trial.

    Applies when no new trial will start, none runs and none is complete.
    """
    busy = any(trial.state in ("running", "waiting") for trial in history.trials)
    if not history.closing or busy or history.scored:
        return None
    top_trials = [found for race in races if (found := race.best_paused(history)) is not None]
    sign = 1.0 if history.direction == "minimize" else -1.0
    return min(
        top_trials,
        key=lambda p: (-p.standing.epoch, sign * (p.standing.value or 0.0), p.number),
        default=None,
    )


def standing_words(standing: Standing, deed: str) -> str:
    """A standing as a sentence: "Paused at epoch 3: 0.81 is 5 of 9; the cut-off is 0.85."."""
    bracket = f" of bracket {standing.bracket}" if standing.bracket else ""
    value = "NaN" if standing.value is None else plain(standing.value)
    start = (
        f"{deed} at epoch {standing.epoch}{bracket}: {value} ranks {standing.rank} of {standing.n}"
    )
    if standing.cutoff is None:
        return f"{start}; too few trials for a cutoff."
    return f"{start}; cutoff {plain(standing.cutoff)}."


def space_epochs(space: Space) -> int:
    """The most epochs that a trial of the space may train; 0 when it says nothing about them."""
    if "epochs" not in space:
        return 0
    row = space["epochs"].to_dict()
    found = [row.get("value"), row.get("max"), *row.get("choices", ())]
    return max((int(e) for e in found if isinstance(e, int | float)), default=0)
