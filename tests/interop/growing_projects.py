"""Runs in a child that holds TensorFlow: keras-tuner searches, copied while they run."""

import shutil
from pathlib import Path

import keras_tuner


def grow(folder):
    """Write FOLDER/NAME/MOMENT for searches of one seed: `first`, its `twin` with other scores, and `failing`."""
    for name, factor in (("first", 1.0), ("twin", 2.0), ("failing", 0.0)):
        _search(Path(folder), name, factor)


def _search(folder, name, factor):
    def copy(moment):
        shutil.copytree(folder / "running" / name, folder / name / moment)

    class Tuner(keras_tuner.RandomSearch):
        killed = False

        def run_trial(self, trial, *args, **kwargs):
            copy(f"in_trial_{trial.trial_id}" + "_again" * Tuner.killed)
            if trial.trial_id == "2" and not Tuner.killed:
                Tuner.killed = True
                raise KeyboardInterrupt
            if not factor:
                raise ValueError("out of memory")
            return {"val_loss": factor * trial.hyperparameters.get("x")}

    for _ in range(2):
        hyperparameters = keras_tuner.HyperParameters()
        hyperparameters.Float("x", 0.5, 1.0)
        tuner = Tuner(
            hyperparameters=hyperparameters,
            objective=keras_tuner.Objective("val_loss", "min"),
            max_trials=4,
            max_consecutive_failed_trials=9,
            seed=5,
            directory=str(folder / "running"),
            project_name=name,
            overwrite=False,
        )
        try:
            tuner.search(verbose=0)
        except KeyboardInterrupt:
            continue
    copy("whole")
