"""Optuna's TPE with its pruners over recorded learning curves; a pruned trial never comes back."""

from typing import Any

import optuna

from benchmarks.search.curves import EPOCHS
from benchmarks.search.epochs_runs import Curve, Deed, Work
from benchmarks.search.runs import Best
from benchmarks.search.tables import Table, is_ordered
from experiments.search.history import Value

optuna.logging.set_verbosity(optuna.logging.ERROR)


def hyperband() -> Any:
    """From 1 epoch to all, a third at a time."""
    return optuna.pruners.HyperbandPruner(min_resource=1, max_resource=EPOCHS, reduction_factor=3)


def median() -> Any:
    """At its defaults."""
    return optuna.pruners.MedianPruner()


class OptunaEpochs:
    """A study that is asked, told of each epoch, and asked whether to prune."""

    def __init__(self, pruner: Any, table: Table, seed: int) -> None:
        """A study in memory; its name decides the brackets, so that it must be the same each time."""
        sampler = optuna.samplers.TPESampler(seed=seed)
        name = f"{table.name}-{seed}"
        self.study = optuna.create_study(study_name=name, sampler=sampler, pruner=pruner)
        self.parameters = table.parameters
        self.trials: list[optuna.Trial] = []
        self.best = Best()

    def ask(self) -> Work:
        """A new trial."""
        trial = self.study.ask()
        self.trials.append(trial)
        values = {name: self._suggest(trial, name) for name in self.parameters}
        return Work(len(self.trials) - 1, values)

    def _suggest(self, trial: optuna.Trial, name: str) -> Value:
        values = self.parameters[name]
        if is_ordered(values):
            return values[trial.suggest_int(name, 0, len(values) - 1)]
        return values[trial.suggest_categorical(name, range(len(values)))]

    def epoch(self, number: int, curve: Curve) -> Deed:
        """Report and ask."""
        trial = self.trials[number]
        trial.report(curve[-1], len(curve))
        if not trial.should_prune():
            return "go_on"
        self.study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        return "stop"

    def completed(self, number: int, curve: Curve) -> None:
        """Tell."""
        self.trials[number].report(curve[-1], len(curve))
        self.study.tell(self.trials[number], curve[-1])
        self.best.note(number, curve[-1])

    def winner(self) -> int | None:
        """Optuna hands over the best value of those that completed."""
        return self.best.winner() if self.best.losses else None
