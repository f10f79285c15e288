"""Optuna's samplers, asked and told over a recorded table.

Numbers in a list are a whole number to it, their place: that is more than most of its users give it.
"""

import optuna

from benchmarks.search.runs import Best
from benchmarks.search.tables import Table, is_ordered
from experiments.search.history import Value, Values

optuna.logging.set_verbosity(optuna.logging.ERROR)


class OptunaSession:
    """A study that is asked and told."""

    def __init__(self, sampler: str, table: Table, seed: int) -> None:
        """A study in memory, everything else at its defaults."""
        chosen = getattr(optuna.samplers, sampler)(seed=seed)
        self.study = optuna.create_study(sampler=chosen)
        self.parameters = table.parameters
        self.trials: list[optuna.Trial] = []
        self.best = Best()

    def ask(self) -> Values:
        """A trial, its parameters suggested one by one."""
        trial = self.study.ask()
        self.trials.append(trial)
        return {name: self._suggest(trial, name) for name in self.parameters}

    def _suggest(self, trial: optuna.Trial, name: str) -> Value:
        values = self.parameters[name]
        if is_ordered(values):
            return values[trial.suggest_int(name, 0, len(values) - 1)]
        return values[trial.suggest_categorical(name, range(len(values)))]

    def tell(self, number: int, loss: float) -> None:
        """Tell."""
        self.study.tell(self.trials[number], loss)
        self.best.note(number, loss)

    def winner(self) -> int:
        """Optuna hands over the best value."""
        return self.best.winner()
