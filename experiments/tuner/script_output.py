"""Runs a script to its end after its search, in the sandbox."""

import logging
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from experiments import storage
from experiments.catalog.code import ALWAYS
from experiments.data_schema import DataSchema
from experiments.models import Artifact, Experiment, Trial
from experiments.services.code.sandbox_status import code_refusal, isolation_here
from experiments.services.code.script_output import record_output, script_of
from experiments.training.code_messages import FoundTrial, ScriptEnded, ScriptOrder
from experiments.training.frames import FrameError
from experiments.training.pool_protocols import HostFailed
from experiments.training.sandbox import SandboxMissing
from experiments.tuner.code_reading import reading_pool
from experiments.tuner.orders import named_folders
from experiments.tuner.worker_pools import code_scope

SECONDS = 300.0  # a script may train its best model once more
MOST_TRIALS = 20
KINDS = {
    "int": "Int",
    "float": "Float",
    "choice": "Choice",
    "boolean": "Boolean",
    "fixed": "Fixed",
}

log = logging.getLogger(__name__)


def run_script(experiment_pk: int) -> None:
    """Run the script of an experiment and keep what it prints."""
    experiment = Experiment.objects.select_related(
        "hypermodel_version__hypermodel", "dataset_version"
    ).get(pk=experiment_pk)
    record_output(experiment_pk, asdict(output_of(experiment)))


def output_of(experiment: Experiment) -> ScriptEnded:
    """What it prints, or why it could not be run."""
    try:
        scope = code_scope(experiment.project_id)
        return reading_pool().run_script(script_order(experiment), scope, seconds=SECONDS)
    except SandboxMissing:
        words = code_refusal(isolation_here())
    except (HostFailed, FrameError, OSError) as error:
        log.warning("the script of experiment %s failed: %s", experiment.pk, error)
        reading_pool().discard()
        words = f"Running it failed: {error}"
    return ScriptEnded(problem=words)


def script_order(experiment: Experiment) -> ScriptOrder:
    """The script with the best trials, best first, and the data that it may load."""
    recipe = experiment.hypermodel_version.layers[0]
    script, names = script_of(experiment), dict(recipe["names"])
    version = experiment.dataset_version
    schema = DataSchema.from_dict(version.schema)
    sign = "-" if experiment.direction == "maximize" else ""
    scored = experiment.trials.filter(Trial.SCORED).order_by(f"{sign}score", "number")
    return ScriptOrder(
        token=f"script-{experiment.pk}",
        source=recipe["source"],
        kind=str(script["kind"]),
        trials=[_found(trial, names) for trial in scored[:MOST_TRIALS]],
        rows=[_as_told(row, names) for row in recipe["rows"]],
        objective=experiment.objective,
        chosen=str(storage.dataset_folder(version.digest)),
        named=named_folders([recipe]),
        classes=schema.classes_count,
        shape=list(schema.shape),
    )


def _found(trial: Trial, names: Mapping[str, str]) -> FoundTrial:
    execution = trial.executions.order_by("pk").first()
    kept = trial.artifacts.filter(kind=Artifact.Kind.MODEL, execution=execution).first()
    path = storage.absolute(kept.path) if kept is not None else None
    return FoundTrial(
        number=trial.number,
        score=trial.score,
        values={
            names.get(name, name): value
            for name, value in trial.values.items()
            if name in names or name in ALWAYS
        },
        model=str(path) if path is not None and path.exists() else "",
        history=dict(execution.history) if execution is not None else {},
    )


def _as_told(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A row as KerasTuner prints it."""
    told: dict[str, Any] = {
        "name": names.get(row["name"], row["name"]),
        "kind": KINDS.get(row["type"], row["type"]),
        "default": row.get("default"),
        "conditions": [],
    }
    if row["type"] in ("int", "float"):
        told |= {"min_value": row["min"], "max_value": row["max"], "step": row.get("step")}
        told["sampling"] = row.get("scale", "linear")
    elif row["type"] == "choice":
        told |= {"values": list(row["choices"]), "ordered": row.get("ordered")}
    return told
