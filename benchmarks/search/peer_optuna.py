"""Optuna's samplers, over a recorded table.

Numbers in a list are a whole number to it, their place: that is more than most of its users give it.
"""

import optuna

from benchmarks.search.runs import Best
from benchmarks.search.tables import Table, is_ordered
from experiments.search.history import Value, Values

optuna.logging.set_verbosity(optuna.logging.ERROR)


class OptunaStudy:
    """A study over a table that suggests one configuration after the other."""

    def __init__(self, table: Table, study: optuna.Study) -> None:
        self.study = study
        self.parameters = table.parameters
        self.trials: list[optuna.Trial] = []
        self.best = Best()

    def values(self) -> Values:
        """The parameters of a new trial, suggested one by one."""
        self.trials.append(self.study.ask())
        return {name: self._suggest(name, values) for name, values in self.parameters.items()}

    def _suggest(self, name: str, values: tuple[Value, ...]) -> Value:
        if is_ordered(values):
            return values[self.trials[-1].suggest_int(name, 0, len(values) - 1)]
        return values[self.trials[-1].suggest_categorical(name, range(len(values)))]


class OptunaSession(OptunaStudy):
    """A study in memory, everything but its sampler at its defaults."""

    def __init__(self, sampler: str, table: Table, seed: int, trials: int) -> None:
        chosen = getattr(optuna.samplers, sampler)(seed=seed)
        super().__init__(table, optuna.create_study(sampler=chosen))

    def ask(self) -> Values:
        return self.values()

    def tell(self, number: int, loss: float) -> None:
        self.study.tell(self.trials[number], loss)
        self.best.note(number, loss)

    def winner(self) -> int:
        """Optuna recommends the best value."""
        return self.best.winner()
