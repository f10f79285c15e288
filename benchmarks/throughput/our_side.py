"""This product's side of the throughput bench: the same search through its own queue and workers.

A program of its own, since DATA_DIR is read with the settings:
`python -m benchmarks.throughput.our_side FOLDER DATA TRIALS EXECUTIONS EPOCHS SLOTS SEED FOLDS`. Writes FOLDER/arrays.npz
(the rows that both sides train on) and prints one JSON object last.
"""

import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from benchmarks.installation import run_to_end, running_stack, set_up
from benchmarks.programs import cpu_seconds

if TYPE_CHECKING:
    from experiments.models import DatasetVersion, Experiment
    from experiments.plan import ExperimentPlan


def make_plan(version: "DatasetVersion", options: dict[str, int]) -> "ExperimentPlan":
    """The seed's sample as a plan: its three hyperparameters, Adam, batches of 32, no early stopping."""
    from experiments.catalog.registry import CATALOG
    from experiments.data_schema import DataSchema
    from experiments.plan import default_plan
    from experiments.search.budget import Budget
    from experiments.search.space.space import Space

    schema = DataSchema.from_dict(version.schema)
    plan = default_plan(schema, CATALOG["image-mlp"], version.pk, "Throughput")
    space = plan.space.to_dict()
    fixed: dict[str, Any] = {
        "epochs": options["epochs"],
        "batch_size": 32,
        "optimizer": "adam",
        "l2": 0.0,
    }
    for row in space["hyperparameters"]:
        if row["name"] in fixed:
            value = fixed[row["name"]]
            row.update(type="fixed", value=value, default=value, choices=[], only_if=None)
    # The set's own test part stays out on both sides; digits has none, so every row takes part.
    test_share = None if schema.test_rows else 0.0
    return replace(
        plan,
        sampler="random",
        sampler_options={},
        pruner="none",  # both sides train every trial to its end
        pruner_options={},
        space=Space.from_dict(space),
        fit=replace(plan.fit, early_stopping_patience=None),
        protocol=replace(
            plan.protocol,
            kind="k_fold" if options.get("folds") else "holdout",
            folds=options.get("folds") or plan.protocol.folds,
            racing=False,  # both sides train every trial to its end
            repeats=options["executions"],
            validation_share=0.2,
            locked_test_share=test_share,
        ),
        budget=Budget(max_trials=options["trials"], parallel=options["slots"]),
        seed=options["seed"],
    )


def save_rows(folder: Path, version: "DatasetVersion", experiment: "Experiment") -> None:
    """The rows of the experiment's split, for the other side."""
    from experiments import storage

    data = storage.dataset_folder(version.digest)
    x, y = np.load(data / "x.npy"), np.load(data / "y.npy")
    split = np.load(storage.split_file(experiment.split_hash))
    train, validation = split["train_0"], split["validation_0"]
    np.savez(
        folder / "arrays.npz",
        x_train=x[train],
        y_train=y[train],
        x_validation=x[validation],
        y_validation=y[validation],
        scale=version.schema["scale"],
    )


def search(folder: Path, data: str, options: dict[str, int]) -> dict[str, Any]:
    """Start the stack, search once, end the stack; the figures are of the search alone."""
    from django.contrib.auth.models import User

    from experiments.services.datasets.built_in import load_built_in
    from experiments.services.experiments.lifecycle import create_experiment
    from experiments.services.site.projects import create_project

    user = User.objects.create_user("bench")
    version = load_built_in(data)
    project = create_project("Bench", "", by=user)
    experiment = create_experiment(project, make_plan(version, options), by=user)
    first = {**options, "trials": 2 * options["slots"], "executions": 1, "epochs": 1}
    warm_up = create_experiment(project, make_plan(version, first), by=user)
    save_rows(folder, version, experiment)
    with running_stack(folder / "data", options["slots"]) as supervisor:
        # Neither side pays the import of TensorFlow: here a first small search waits for it.
        run_to_end(supervisor, warm_up)
        tree = psutil.Process()
        started, cpu = time.monotonic(), cpu_seconds(tree)
        run_to_end(supervisor, experiment)
        seconds, spent = time.monotonic() - started, cpu_seconds(tree) - cpu
    found = list(experiment.trials.filter(state="completed").values_list("score", flat=True))
    scores = [score for score in found if score is not None]
    return {
        "trials": len(scores),
        "seconds": round(seconds, 3),
        "cpu_seconds": round(spent, 3),
        "best_val_accuracy": max(scores),
        "mean_val_accuracy": float(np.mean(scores)),
    }


def main() -> None:
    """Read the arguments, search, print."""
    folder, data = Path(sys.argv[1]), sys.argv[2]
    names = ("trials", "executions", "epochs", "slots", "seed", "folds")
    options = dict(zip(names, map(int, sys.argv[3:9]), strict=True))
    set_up(folder / "data", slots=options["slots"])
    sys.stdout.write(json.dumps(search(folder, data, options)) + "\n")


if __name__ == "__main__":
    main()
