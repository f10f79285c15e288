"""KerasTuner's Bayesian optimization, by ask and tell over a recorded table.

Numbers in a list are an ordered choice to it.
"""

import tempfile
from typing import Any

import keras_tuner

from benchmarks.search.runs import Best
from benchmarks.search.tables import Table, is_ordered, of_one_type
from experiments.search.history import Values


def space_of(table: Table) -> Any:
    """A table's space; KerasTuner takes no list of whole and other numbers together."""
    space = keras_tuner.HyperParameters()
    for name, values in table.parameters.items():
        space.Choice(name, of_one_type(values), ordered=is_ordered(values))
    return space


class KerasTunerSession:
    """The oracle of KerasTuner's BayesianOptimization, as its tuner asks it."""

    def __init__(self, table: Table, seed: int, trials: int) -> None:
        """An oracle in a folder that is thrown away."""
        self.folder = tempfile.TemporaryDirectory(prefix="bench-")
        self.oracle = keras_tuner.oracles.BayesianOptimizationOracle(
            objective=keras_tuner.Objective("loss", "min"),
            max_trials=trials,
            hyperparameters=space_of(table),
            seed=seed + 1,  # KerasTuner takes seed 0 for none
        )
        self.oracle.verbose = 0
        self.oracle._set_project_dir(self.folder.name, "bench")
        self.trials: list[Any] = []
        self.best = Best()

    def ask(self) -> Values | None:
        """A trial; each question comes from a worker of its own, or the oracle repeats its answer."""
        trial = self.oracle.create_trial(f"worker{len(self.trials)}")
        if trial.status != "RUNNING":
            return None
        self.trials.append(trial)
        return dict(trial.hyperparameters.values)

    def tell(self, number: int, loss: float) -> None:
        """Report and end."""
        trial = self.trials[number]
        self.oracle.update_trial(trial.trial_id, {"loss": loss})
        trial.status = "COMPLETED"
        self.oracle.end_trial(trial)
        self.best.note(number, loss)

    def winner(self) -> int:
        """KerasTuner hands over the best score."""
        return self.best.winner()
