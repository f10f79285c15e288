"""Runs in a child that holds TensorFlow: reloads a KerasTuner project with keras-tuner itself."""

import json
import shutil
from pathlib import Path

import keras_tuner

KINDS = (keras_tuner.RandomSearch, keras_tuner.BayesianOptimization, keras_tuner.Hyperband)


def reloaded(folder, name, asked, kind):
    class Tuner(kind):
        def run_trial(self, trial, *args, **kwargs):
            return {asked[0]: 0.25}

    budget = {} if kind is keras_tuner.Hyperband else {"max_trials": 40}
    tuner = Tuner(
        objective=keras_tuner.Objective(*asked),
        directory=str(folder),
        project_name=name,
        overwrite=False,
        **budget,
    )
    trials = tuner.oracle.trials
    best = [trial for trial in tuner.oracle.get_best_trials(1) if trial.status == "COMPLETED"]
    found = {
        "trials": {
            key: {
                "values": trial.hyperparameters.values,
                "score": trial.score,
                "status": trial.status,
                "metrics": {
                    metric: trial.metrics.get_best_value(metric)
                    for metric in trial.metrics.metrics
                },
            }
            for key, trial in trials.items()
        },
        "space": [each.name for each in tuner.oracle.get_space().space],
        "best": tuner.get_best_hyperparameters()[0].values if best else None,
    }
    if kind is not keras_tuner.Hyperband:
        tuner.oracle.max_trials = len(trials) + 2
    tuner.search(verbose=0)
    return {**found, "after": len(tuner.oracle.trials)}


def reload(folder, name, asked):
    """Write found.json: what each kind of tuner finds in a project. asked: objective and direction."""
    folder, found = Path(folder), {}
    for kind in KINDS:
        copy = f"{name}-{kind.__name__}"
        shutil.copytree(folder / name, folder / copy)
        found[kind.__name__] = reloaded(folder, copy, asked, kind)
    (folder / "found.json").write_text(json.dumps(found))
