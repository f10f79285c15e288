"""The multi-fidelity tools that the bench compares: our samplers with each pruner, and the peers."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np

from benchmarks.search.curves import EPOCHS
from benchmarks.search.epochs_runs import Curve, Deed, Session, Work
from benchmarks.search.peers import OtherTool, start_peer
from benchmarks.search.tables import Table
from experiments.search.history import History, ObservedTrial
from experiments.search.strategies.queued_configurations import suggest
from experiments.search.strategies.registry import make_pruner, make_sampler
from experiments.search.strategies.winner import recommend

EPOCH_SECONDS: Final = 5.0  # as of a network that is worth pruning: a resume costs half a second


class OurEpochs:
    """A sampler and a pruner, asked as `tuner.turn` and `tuner.judgement` ask them.

    A paused trial that may go on comes before a new one, and goes on where it stopped.
    """

    def __init__(self, sampler: str, pruner: str, table: Table, seed: int) -> None:
        self.sampler = make_sampler(sampler, {})
        self.pruner = make_pruner(pruner, {})
        self.space, self.seed = table.space, seed
        self.trials: list[ObservedTrial] = []

    def history(self, *, closing: bool = False) -> History:
        """What pruners see: every curve."""
        return History(
            *(tuple(self.trials), "minimize", self.seed, EPOCHS, EPOCH_SECONDS), closing=closing
        )

    def ask(self) -> Work | None:
        """Promote, else ask the sampler; when it has nothing left, a paused one may go on for that."""
        found = self._promoted() or self._added()
        return found or self._promoted(closing=True)

    def _promoted(self, *, closing: bool = False) -> Work | None:
        if not any(trial.state == "paused" for trial in self.trials):
            return None
        promotion = self.pruner.promote(self.history(closing=closing))
        if promotion is None:
            return None
        trial = self.trials[promotion.number]
        self.trials[trial.number] = replace(trial, state="running")
        return Work(trial.number, trial.values)

    def _added(self) -> Work | None:
        number = len(self.trials)
        rng = np.random.default_rng([self.seed, number])
        history = History(tuple(self.trials), "minimize", self.seed)
        suggestion = suggest(self.sampler, self.space, history, number, rng)
        if suggestion is None:
            return None
        self.trials.append(ObservedTrial(number, suggestion.values, "running"))
        return Work(number, suggestion.values)

    def epoch(self, number: int, curve: Curve) -> Deed:
        """Ask the pruner where it looks."""
        trial = replace(self.trials[number], curve=curve)
        self.trials[number] = trial
        if not self.pruner.looks_at(len(curve), EPOCHS):
            return "go_on"
        action = self.pruner.decide(trial, self.history()).action
        if action != "go_on":
            state = "paused" if action == "pause" else "pruned"
            self.trials[number] = replace(trial, state=state)  # type: ignore[arg-type]
        return action

    def completed(self, number: int, curve: Curve) -> None:
        """Settle a trial of one execution."""
        self.trials[number] = replace(
            self.trials[number],
            state="completed",
            score=curve[-1],
            curve=curve,
            executions=(curve[-1],),
        )

    def winner(self) -> int | None:
        """The trial that the product recommends."""
        found = recommend(self.space, self.history())
        return None if found is None else found.recommended


Start = Callable[[Table, int], Session]


@dataclass(frozen=True, slots=True)
class EpochPeer(OtherTool):
    """Another tool that looks at epochs."""

    start: Start


EPOCH_PEERS: Final[dict[str, EpochPeer]] = {
    "optuna_tpe_hyperband": EpochPeer(
        "Optuna TPE with its Hyperband pruner",
        ("optuna",),
        partial(start_peer, "epochs_optuna.OptunaEpochs", "hyperband"),
    ),
    "optuna_tpe_median": EpochPeer(
        "Optuna TPE with its median pruner",
        ("optuna",),
        partial(start_peer, "epochs_optuna.OptunaEpochs", "median"),
    ),
    "keras_tuner_hyperband": EpochPeer(
        "KerasTuner Hyperband",
        ("keras_tuner",),
        partial(start_peer, "epochs_keras_tuner.KerasTunerHyperband"),
    ),
}
