"""Optuna's TPE with its pruners over recorded learning curves; a pruned trial never comes back."""

from collections.abc import Callable
from typing import Any, Final

import optuna

from benchmarks.search.curves import EPOCHS
from benchmarks.search.epochs_runs import Curve, Deed, Work
from benchmarks.search.peer_optuna import OptunaStudy
from benchmarks.search.tables import Table

PRUNERS: Final[dict[str, Callable[[], Any]]] = {
    # From 1 epoch to all, a third at a time.
    "hyperband": lambda: optuna.pruners.HyperbandPruner(
        min_resource=1, max_resource=EPOCHS, reduction_factor=3
    ),
    "median": optuna.pruners.MedianPruner,
}


class OptunaEpochs(OptunaStudy):
    """A study that gets each epoch's value and is asked whether to prune."""

    def __init__(self, pruner: str, table: Table, seed: int) -> None:
        sampler = optuna.samplers.TPESampler(seed=seed)
        # The name decides the brackets, so it must be the same each time.
        name = f"{table.name}-{seed}"
        study = optuna.create_study(study_name=name, sampler=sampler, pruner=PRUNERS[pruner]())
        super().__init__(table, study)

    def ask(self) -> Work:
        values = self.values()
        return Work(len(self.trials) - 1, values)

    def epoch(self, number: int, curve: Curve) -> Deed:
        trial = self.trials[number]
        trial.report(curve[-1], len(curve))
        if not trial.should_prune():
            return "go_on"
        self.study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        return "stop"

    def completed(self, number: int, curve: Curve) -> None:
        self.trials[number].report(curve[-1], len(curve))
        self.study.tell(self.trials[number], curve[-1])
        self.best.note(number, curve[-1])

    def winner(self) -> int | None:
        """Optuna recommends the best value of the completed trials."""
        return self.best.winner() if self.best.losses else None
