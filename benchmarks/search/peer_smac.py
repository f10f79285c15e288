"""SMAC3's facade for hyperparameters (a random forest), over a recorded table."""

import tempfile
from pathlib import Path
from typing import Any

from ConfigSpace import (
    CategoricalHyperparameter,
    ConfigurationSpace,
    UniformIntegerHyperparameter,
)
from smac import HyperparameterOptimizationFacade, Scenario
from smac.runhistory import TrialInfo, TrialValue

from benchmarks.search.runs import Best
from benchmarks.search.tables import Table, is_ordered
from experiments.search.history import Value, Values


class SmacSession:
    """One scenario, everything else at the facade's defaults."""

    def __init__(self, table: Table, seed: int, trials: int) -> None:
        """A scenario in a folder that is thrown away."""
        self.folder = tempfile.TemporaryDirectory(prefix="bench-")
        self.parameters = table.parameters
        space = ConfigurationSpace(seed=seed)
        space.add([_row(name, values) for name, values in table.parameters.items()])
        scenario = Scenario(
            space,
            deterministic=True,
            n_trials=trials,
            seed=seed,
            output_directory=Path(self.folder.name),
        )
        self.facade = HyperparameterOptimizationFacade(
            scenario, _never, overwrite=True, logging_level=False
        )
        self.trials: list[TrialInfo] = []
        self.best = Best()

    def ask(self) -> Values:
        """A configuration."""
        info = self.facade.ask()
        self.trials.append(info)
        found = dict(info.config)
        return {name: _value(values, found[name]) for name, values in self.parameters.items()}

    def tell(self, number: int, loss: float) -> None:
        """Tell."""
        self.facade.tell(self.trials[number], TrialValue(cost=loss))
        self.best.note(number, loss)

    def winner(self) -> int:
        """SMAC hands over its incumbent: the best cost, where nothing is random."""
        return self.best.winner()


def _row(name: str, values: tuple[Value, ...]) -> Any:
    if not is_ordered(values):
        return CategoricalHyperparameter(name, list(values))
    return UniformIntegerHyperparameter(name, 0, len(values) - 1)


def _value(values: tuple[Value, ...], chosen: Any) -> Value:
    return values[int(chosen)] if is_ordered(values) else str(chosen)


def _never(config: Any, seed: int = 0) -> float:
    """SMAC asks for a function although it is used by ask and tell."""
    raise AssertionError("SMAC called the function instead of asking")
