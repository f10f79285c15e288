"""From records to the order that a child gets."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, cast

from experiments import storage
from experiments.catalog.code import locks_own_test, script_in
from experiments.catalog.plan_metrics import tested_metric
from experiments.changed_files import in_words
from experiments.data_schema import DataSchema
from experiments.digests import ChangedFile, check_folder
from experiments.evaluation.expression import CUSTOM
from experiments.evaluation.model_costs import latency_batches
from experiments.evaluation.protocol import Protocol
from experiments.evaluation.score_rules import kept_weights
from experiments.models import DatasetVersion, Execution, Experiment, Trial
from experiments.reports.datasets.usable import ready_digests
from experiments.services.datasets.cuts import folder_without, training_folder
from experiments.services.datasets.splits import units_file
from experiments.services.datasets.stored_data import check_data
from experiments.services.trials.executions import Scoring, note_lost_checkpoint
from experiments.services.trials.leases import Lease
from experiments.training.code_messages import NamedData
from experiments.training.fit import early_stopping_order, reduce_lr_order
from experiments.training.messages import (
    DataOrder,
    ExecutionOrder,
    FitOrder,
    ModelOrder,
    TrialOrder,
)
from experiments.tuner.worker_pools import code_scope


def trial_order(lease: Lease, *, threads: int) -> TrialOrder:
    """Everything that the child needs for the executions that are not stored yet."""
    trial = Trial.objects.select_related(
        "experiment__dataset_version__dataset", "experiment__hypermodel_version__hypermodel"
    ).get(pk=lease.trial)
    experiment = trial.experiment
    recipe = experiment.hypermodel_version
    folder = storage.trial_folder(trial.pk, str(lease.token))
    folder.mkdir(parents=True, exist_ok=True)
    return TrialOrder(
        trial=trial.pk,
        number=trial.number,
        token=str(lease.token),
        values=trial.values,
        model=ModelOrder(
            slug=recipe.hypermodel.slug,
            layers=recipe.layers,
            scope=code_scope(experiment.project_id),
        ),
        data=data_order(
            experiment.dataset_version, trial.split_hash, experiment.protocol, recipe.layers
        ),
        fit=replace(
            fit_order(experiment, trial, threads), scored_metric=_scored_metric(experiment)
        ),
        executions=[
            execution_order(execution)
            for execution in trial.executions.exclude(state=Execution.State.COMPLETED)
        ],
        directory=str(folder),
    )


def data_order(
    version: DatasetVersion, split_hash: str, protocol: Protocol, layers: Sequence[Any]
) -> DataOrder:
    """What training may read: no row that the split or the protocol locks, also from a dataset with copies.

    Raises: ChangedFile where the arrays or the split aren't what their digests say; OSError on a full disk.
    """
    check_data(version, split_hash)
    folder = str(training_folder(version.digest, split_hash))
    names = list(script_in(layers).get("datasets", ()))
    locks_own = locks_own_test(protocol, layers)
    named = _named(version, folder, split_hash, names, locks_own=locks_own) if names else {}
    units = units_file(version, protocol, split_hash)
    return DataOrder(folder, str(storage.split_file(split_hash)), split_hash, named, units)


def _named(
    version: DatasetVersion, folder: str, split_hash: str, names: list[str], *, locks_own: bool
) -> dict[str, NamedData]:
    """The datasets that a script loads by name; the version's own among them is its cut."""
    rows = storage.load_locked(split_hash)
    locked, _ = storage.split_content(version.digest, rows, own_test=locks_own)
    found = {}
    for name, newest in ready_digests(names):
        is_own = name == version.dataset.built_in
        digest = version.digest if is_own else newest
        found[name] = NamedData(
            folder if is_own else str(folder_without(digest, locked)),
            "" if is_own and locks_own else str(folder_without(digest, locked, own_test=True)),
        )
    return found


def fit_order(experiment: Experiment, trial: Trial, threads: int) -> FitOrder:
    """Epochs and batch size come from the trial's values, the rest from the experiment."""
    fit = experiment.fit
    return FitOrder(
        epochs=int(trial.values["epochs"]),
        batch_size=int(trial.values["batch_size"]),
        objective=experiment.objective,
        direction=cast(Literal["minimize", "maximize"], experiment.direction),
        metrics=list(experiment.metrics),
        early_stopping=early_stopping_order(fit, experiment.objective, experiment.direction),
        reduce_lr=reduce_lr_order(fit, experiment.objective, experiment.direction),
        schedule=fit.schedule,
        on_nan=fit.on_nan,
        class_weight=fit.class_weight,
        deterministic=fit.deterministic,
        method=fit.method,
        keep=cast(Literal["best", "last"], kept_weights(experiment.score_rule)),
        threads=threads,
        # A follow-up may be judged by something else.
        expression=experiment.expression if experiment.objective == CUSTOM else "",
        latency_batches=latency_batches(each.name for each in experiment.further),
    )


def _scored_metric(experiment: Experiment) -> str:
    """The exact metric that the objective is; empty where it is none, or of the training rows."""
    objective, schema = (
        experiment.objective,
        DataSchema.from_dict(experiment.dataset_version.schema),
    )
    is_validation = objective.startswith("val_")
    return tested_metric(objective, schema) if is_validation else ""


def execution_order(execution: Execution) -> ExecutionOrder:
    """Go on from the checkpoint; one that is missing or has changed is noted in the execution's log."""
    checkpoint, done = "", 0
    if execution.checkpoint_path:
        folder = storage.absolute(execution.checkpoint_path)
        try:
            if not folder.is_dir():
                raise ChangedFile(folder, "")
            check_folder(folder)
            checkpoint, done = str(folder), execution.checkpoint_epoch
        except ChangedFile as changed:
            note_lost_checkpoint(execution, in_words(changed))
    return ExecutionOrder(
        execution=execution.pk,
        part=execution.part,
        repeat=execution.repeat,
        seed=execution.seed,
        checkpoint=checkpoint,
        epochs_done=done,
    )


def scoring(experiment: Experiment) -> Scoring:
    """How the experiment scores an execution."""
    more = tuple(each.name for each in experiment.further)
    return Scoring(experiment.objective, experiment.direction, experiment.score_rule, more)
