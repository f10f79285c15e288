"""KerasTuner's Hyperband, by ask and tell over recorded learning curves."""

import tempfile
from typing import Any

import keras_tuner

from benchmarks.search.curves import EPOCHS
from benchmarks.search.epochs_runs import Curve, Deed, Work
from benchmarks.search.peer_keras_tuner import space_of
from benchmarks.search.runs import Best
from benchmarks.search.tables import Table

ROUNDS = 100  # more than any budget here: KerasTuner stops after one by default


class KerasTunerHyperband:
    """The oracle as its tuner asks it: a promoted trial loads the weights of the one it came from.

    Here it goes on at no cost, and with its optimizer's state, which KerasTuner does not keep.
    """

    def __init__(self, table: Table, seed: int) -> None:
        """An oracle in a folder that is thrown away."""
        self.folder = tempfile.TemporaryDirectory(prefix="bench-")
        self.names = list(table.parameters)
        self.oracle = keras_tuner.oracles.HyperbandOracle(
            objective=keras_tuner.Objective("loss", "min"),
            max_epochs=EPOCHS,
            factor=3,
            hyperband_iterations=ROUNDS,
            hyperparameters=space_of(table),
            seed=seed + 1,  # KerasTuner takes seed 0 for none
        )
        self.oracle.verbose = 0
        self.oracle._set_project_dir(self.folder.name, "bench")
        self.numbers: dict[str, int] = {}  # of the trial that each of the oracle's trials trains
        self.count = 0
        self.running: Any = None
        self.best = Best()

    def ask(self) -> Work | None:
        """A trial of the oracle's, which may train an earlier one further."""
        trial = self.oracle.create_trial(f"worker{len(self.numbers)}")
        if trial.status != "RUNNING":
            return None
        self.running = trial
        values = trial.hyperparameters.values
        number = self.numbers.get(values.get("tuner/trial_id", ""))
        if number is None:
            number = self.count
            self.count += 1
        self.numbers[trial.trial_id] = number
        return Work(number, {name: values[name] for name in self.names})

    def epoch(self, number: int, curve: Curve) -> Deed:
        """The oracle says beforehand how far a trial goes."""
        if len(curve) < self.running.hyperparameters.values["tuner/epochs"]:
            return "go_on"
        self._end(number, curve)
        return "pause"

    def completed(self, number: int, curve: Curve) -> None:
        """Report and end."""
        self._end(number, curve)

    def _end(self, number: int, curve: Curve) -> None:
        trial = self.running
        for step, value in enumerate(curve, start=1):
            if step > trial.hyperparameters.values["tuner/initial_epoch"]:
                self.oracle.update_trial(trial.trial_id, {"loss": value}, step=step)
        trial.status = "COMPLETED"
        self.oracle.end_trial(trial)
        self.best.note(number, curve[-1])

    def winner(self) -> int | None:
        """KerasTuner hands over the best score, however short its trial was."""
        return self.best.winner() if self.best.losses else None
