"""Runs a script to its end after its search, in the sandbox."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from experiments.catalog.code import ALWAYS
from experiments.changed_files import artifact_file, in_words
from experiments.data_schema import DataSchema
from experiments.digests import ChangedFile
from experiments.models import Artifact, Experiment, Trial
from experiments.services.code.script_output import record_output, script_of
from experiments.training.code_messages import FoundTrial, ScriptEnded, ScriptOrder
from experiments.tuner.code_reading import ask_sandbox
from experiments.tuner.orders import data_order
from experiments.tuner.worker_pools import code_scope

SECONDS = 300.0  # a script may train its best model once more
MOST_TRIALS = 20


def run_script(experiment_pk: int) -> None:
    """Run the script of an experiment and keep what it prints."""
    experiment = Experiment.objects.select_related(
        "hypermodel_version__hypermodel", "dataset_version__dataset"
    ).get(pk=experiment_pk)
    record_output(experiment_pk, asdict(output_of(experiment)))


def output_of(experiment: Experiment) -> ScriptEnded:
    """What it prints, or why it could not be run."""
    scope = code_scope(experiment.project_id)
    try:
        order = _script_order(experiment)
    except ChangedFile as changed:
        return ScriptEnded(problem=in_words(changed))
    return ask_sandbox(
        lambda pool: pool.run_script(order, scope, seconds=SECONDS), ScriptEnded, experiment
    )


def _script_order(experiment: Experiment) -> ScriptOrder:
    """The script with the best trials, best first, and the data that it may load."""
    recipe = experiment.hypermodel_version.layers[0]
    script, names = script_of(experiment), dict(recipe["names"])
    version = experiment.dataset_version
    schema = DataSchema.from_dict(version.schema)
    data = data_order(version, experiment.split_hash, experiment.protocol, [recipe])
    sign = "-" if experiment.direction == "maximize" else ""
    scored = experiment.trials.filter(Trial.SCORED).order_by(f"{sign}score", "number")
    return ScriptOrder(
        token=f"script-{experiment.pk}",
        source=recipe["source"],
        kind=str(script["kind"]),
        trials=[_found(trial, names) for trial in scored[:MOST_TRIALS]],
        rows=[_summary_row(row, names) for row in recipe["rows"]],
        objective=experiment.objective,
        chosen=data.directory,
        named=data.named,
        classes=schema.classes_count,
        shape=list(schema.shape),
    )


def _found(trial: Trial, names: Mapping[str, str]) -> FoundTrial:
    execution = trial.executions.order_by("pk").first()
    kept = trial.artifacts.filter(kind=Artifact.Kind.MODEL, execution=execution).first()
    path = artifact_file(kept) if kept is not None else None
    return FoundTrial(
        number=trial.number,
        score=trial.score,
        values={
            names.get(name, name): value
            for name, value in trial.values.items()
            if name in names or name in ALWAYS
        },
        model=str(path) if path is not None else "",
        history=dict(execution.history) if execution is not None else {},
    )


def _summary_row(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A row as KerasTuner prints it."""
    summary: dict[str, Any] = {
        "name": names.get(row["name"], row["name"]),
        "kind": row["type"].capitalize(),
        "default": row.get("default"),
        "conditions": [],
    }
    if row["type"] in ("int", "float"):
        summary |= {"min_value": row["min"], "max_value": row["max"], "step": row.get("step")}
        summary["sampling"] = row.get("scale", "linear")
    elif row["type"] == "choice":
        summary |= {"values": list(row["choices"]), "ordered": row.get("ordered")}
    return summary
