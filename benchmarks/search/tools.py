"""The tools that the search bench compares: our samplers as the product asks them, and the peers."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np

from benchmarks.search.peers import OtherTool, start_peer
from benchmarks.search.runs import Best, Session
from benchmarks.search.tables import Table
from experiments.search.history import History, ObservedTrial, Values, WarmStart
from experiments.search.strategies.queued_configurations import suggest
from experiments.search.strategies.reevaluation import usual
from experiments.search.strategies.registry import make_sampler
from experiments.search.strategies.winner import recommend

Start = Callable[[Table, int, int], Session]  # a table, a seed, the number of trials to come


class Ours:
    """One of our samplers: the history and the generator are those of `tuner.turn.propose`."""

    def __init__(
        self,
        slug: str,
        table: Table,
        seed: int,
        *,
        planned: int = 0,
        slots: int = 1,
        warm: WarmStart | None = None,
    ) -> None:
        """planned: trials of the whole search; slots: at a time; warm: its warm start."""
        self.sampler = make_sampler(slug, {})
        self.space, self.seed = table.space, seed
        self.planned, self.slots = planned, slots
        self.warm = warm or WarmStart()
        self.trials: list[ObservedTrial] = []
        self.best = Best()

    @property
    def history(self) -> History:
        """What the product would load now."""
        return History(
            *(tuple(self.trials), "minimize", self.seed),
            planned=self.planned,
            slots=self.slots,
            confirm=usual(self.planned, sampler=self.sampler.slug, executions=1, objectives=1),
            if_noisy=True,
            warm=self.warm,
        )

    def ask(self) -> Values | None:
        """Ask as a worker does."""
        number = len(self.trials)
        rng = np.random.default_rng([self.seed, number])
        suggestion = suggest(self.sampler, self.space, self.history, number, rng)
        if suggestion is None:
            return None
        self.trials.append(
            ObservedTrial(number, suggestion.values, "running", repeats=suggestion.repeats)
        )
        return suggestion.values

    def tell(self, number: int, loss: float) -> None:
        """Settle a trial of one execution."""
        running = self.trials[number]
        self.trials[number] = replace(running, state="completed", score=loss, executions=(loss,))
        self.best.note(number, loss)

    def winner(self) -> int:
        """The trial that the product recommends."""
        winner = recommend(self.space, self.history)
        return self.best.winner() if winner is None else winner.recommended


@dataclass(frozen=True, slots=True)
class Peer(OtherTool):
    """Another tool. most: trials after which it takes too long to be run."""

    start: Start
    most: int = 100_000


PEERS: Final[dict[str, Peer]] = {
    "optuna_tpe": Peer(
        "Optuna TPE",
        ("optuna",),
        partial(start_peer, "peer_optuna.OptunaSession", "TPESampler"),
    ),
    "optuna_gp": Peer(
        "Optuna GP",
        ("optuna", "torch"),
        partial(start_peer, "peer_optuna.OptunaSession", "GPSampler"),
    ),
    "keras_tuner": Peer(
        "KerasTuner Bayesian",
        ("keras_tuner",),
        partial(start_peer, "peer_keras_tuner.KerasTunerSession"),
        most=25,
    ),
    "smac": Peer("SMAC3", ("smac", "ConfigSpace"), partial(start_peer, "peer_smac.SmacSession")),
}
