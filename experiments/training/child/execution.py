"""Runs all executions of a trial with one traced training step."""

import hashlib
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from experiments.data_schema import DataSchema
from experiments.training.child.builders import Builder
from experiments.training.child.callbacks import (
    CannotResume,
    Progress,
    custom_objective,
    state_variables,
)
from experiments.training.child.channel import Channel
from experiments.training.child.checkpoints import (
    Checkpoint,
    read_checkpoint,
    sync,
    sync_folder,
)
from experiments.training.child.code_program import prepared
from experiments.training.child.datasets import Part
from experiments.training.child.epoch_scores import EpochScores, epoch_scores
from experiments.training.child.failures import Diverged
from experiments.training.child.latency import latencies
from experiments.training.child.predictions import predict, save_predictions
from experiments.training.child.resumable_callbacks import schedule
from experiments.training.child.script.trial_data import OwnData
from experiments.training.child.trainers import Trainer, make_trainer
from experiments.training.messages import (
    ExecutionEnd,
    ExecutionOrder,
    ExecutionStarted,
    FitOrder,
    ModelBuilt,
    StopReason,
    TrialOrder,
)

CANNOT_RESUME = (
    "The custom training loop restarts at epoch 1 after a pause: it ignores "
    "initial_epoch, or trains several times. Start the loop at "
    'kwargs.get("initial_epoch", 0) to resume.'
)


class Trial:
    """Runs an order. `current`: the execution under way, 0 before the first."""

    def __init__(self, order: TrialOrder, channel: Channel) -> None:
        """Read nothing yet: what goes wrong later belongs to the trial."""
        self.current = 0
        self._order = order
        self._channel = channel
        self._directory = Path(order.directory)
        self._trainer: Trainer | None = None

    def run(self) -> StopReason | None:
        """Run what is left of the trial; return why it ended early, or None when it is done."""
        configure(self._order.fit)
        self._directory.mkdir(parents=True, exist_ok=True)
        os.chdir(self._directory)
        data, builder = prepared(self._order)
        if isinstance(data, OwnData):
            self._channel.send(data.seen)
        for execution in self._order.executions:
            if self._channel.stop_reason is not None:
                return self._channel.stop_reason
            self.current = execution.execution
            part = data.part(execution.part)
            stopped = self._run_execution(execution, builder, part, data.schema)
            if stopped is not None:
                return stopped
        return None

    def _run_execution(
        self, execution: ExecutionOrder, builder: Builder, part: Part, schema: DataSchema
    ) -> StopReason | None:
        began = time.monotonic()
        trainer = self._trainer_for(execution, builder, part)
        fit = self._order.fit
        scores = epoch_scores(fit, part, schema, trainer.outputs)
        progress = Progress(fit, execution, self._channel, self._directory, scores=scores)
        scheduled = schedule(self._order.fit, trainer.model)
        checkpoint = usable_checkpoint(execution, trainer.model)
        if checkpoint is not None:
            for variable, value in zip(
                state_variables(trainer.model), checkpoint.variables, strict=True
            ):
                variable.assign(value)
            progress.resume(checkpoint)
        done = checkpoint.state.epoch if checkpoint else 0
        progress.epochs = done
        self._channel.send(ExecutionStarted(execution.execution, done))
        custom = custom_objective(self._order.fit, progress)
        callbacks = in_order(custom, scheduled, progress, builder.own_callbacks(part))
        try:
            trainer.fit(callbacks, shuffles(execution.seed, len(part.train), done), done)
        except CannotResume:
            print(CANNOT_RESUME)  # noqa: T201 - the execution's log
            fresh = replace(execution, checkpoint="", epochs_done=0)
            return self._run_execution(fresh, builder, part, schema)
        if progress.stopped is not None:
            return progress.stopped
        if not progress.best_weights:
            why = f" {custom.problem}" if custom else ""
            raise Diverged(f"{self._order.fit.objective} never had a finite value.{why}")
        trainer.saved_model.set_weights(progress.best_weights)
        seconds = time.monotonic() - began
        end = self._end(execution, progress, trainer, seconds)
        end = self._with_latencies(end, trainer, part)
        self._channel.send(self._with_predictions(end, trainer, part, scores))
        return None

    def _trainer_for(self, execution: ExecutionOrder, builder: Builder, part: Part) -> Trainer:
        if self._trainer is not None and self._trainer.take(execution, builder, part):
            return self._trainer
        first = self._trainer is None
        self._trainer = make_trainer(self._order, execution, builder, part)
        if first:
            parameters = int(self._trainer.model.count_params())
            method = self._trainer.method
            self._channel.send(ModelBuilt(parameters, method, self._trainer.reason[:300]))
        return self._trainer

    def _end(
        self, execution: ExecutionOrder, progress: Progress, trainer: Trainer, seconds: float
    ) -> ExecutionEnd:
        name = f"execution-{execution.execution}.keras"
        size, digest = save_model(trainer.saved_model, self._directory / name)
        return ExecutionEnd(
            execution=execution.execution,
            epochs=progress.epochs,
            best_epoch=progress.best_epoch,
            metrics=progress.best_metrics,
            model=name,
            model_bytes=size,
            model_sha256=digest,
            seconds=seconds,
        )

    def _with_latencies(self, end: ExecutionEnd, trainer: Trainer, part: Part) -> ExecutionEnd:
        batches = self._order.fit.latency_batches
        if not batches:
            return end
        found = latencies(trainer.saved_model, part, batches)
        return replace(end, metrics=end.metrics | found)

    def _with_predictions(
        self, end: ExecutionEnd, trainer: Trainer, part: Part, scores: EpochScores | None
    ) -> ExecutionEnd:
        found = predict(trainer.saved_model, part.validation) if part.keeps else None
        if found is None:
            return end
        name = f"execution-{end.execution}.predictions.npz"
        kept = scores.stored(found) if scores else {}
        size, digest = save_predictions(found, part.validation, self._directory / name, kept)
        return replace(end, predictions=name, predictions_bytes=size, predictions_sha256=digest)


def configure(fit: FitOrder) -> None:
    """Set TensorFlow up for this trial; before its first operation, or it is too late."""
    tf.config.threading.set_intra_op_parallelism_threads(fit.threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)  # noqa: FBT003 - TensorFlow's own
    if fit.deterministic:
        tf.config.experimental.enable_op_determinism()


def in_order(
    custom: Any, scheduled: Any, progress: Progress, own: Sequence[Any] = ()
) -> list[Any]:
    """Return the callbacks of an execution: what one adds to an epoch's metrics, the next ones see."""
    measuring = [each for each in own if getattr(each, "measures", False)]
    others = [each for each in own if each not in measuring]
    following = (progress.stopping, progress.plateau, scheduled, *others, progress)
    listed = (*measuring, custom, *following)
    return [callback for callback in listed if callback is not None]


def shuffles(seed: int, rows: int, epochs_done: int) -> Iterator[np.ndarray]:
    """Give the order of each epoch, from seed and epoch alone: a resume has no other order."""
    epoch = epochs_done
    while True:
        epoch += 1
        yield np.random.default_rng([seed % 2**63, epoch]).permutation(rows)


def usable_checkpoint(execution: ExecutionOrder, model: Any) -> Checkpoint | None:
    """Return the checkpoint of an order if it is whole and of this model; else begin anew."""
    if not execution.checkpoint:
        return None
    try:
        checkpoint = read_checkpoint(Path(execution.checkpoint))
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"The checkpoint can't be read, so this run starts at epoch 1: {error}")  # noqa: T201
        return None
    shapes = [tuple(variable.shape) for variable in state_variables(model)]
    if (
        checkpoint.state.epoch != execution.epochs_done
        or checkpoint.state.seed != execution.seed
        or [array.shape for array in checkpoint.variables] != shapes
    ):
        print("The checkpoint belongs to another run, so this run starts at epoch 1.")  # noqa: T201
        return None
    return checkpoint


def save_model(model: Any, path: Path) -> tuple[int, str]:
    """Save as `.keras`, whole or not at all; return size and sha256."""
    draft = path.with_name(f".draft-{path.name}")
    leave_out_own_metrics(model)
    model.save(draft)
    with draft.open("rb+") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        sync(file)
    size = draft.stat().st_size
    draft.rename(path)
    sync_folder(path.parent)
    return size, digest


def leave_out_own_metrics(model: Any) -> None:
    """Let the file name Keras's own metrics alone: else nothing but the model's source could load it."""
    config = model._compile_config.config
    if isinstance(config.get("metrics"), list):
        config["metrics"] = [
            metric
            for metric in config["metrics"]
            if not isinstance(metric, keras.metrics.Metric)
            or type(metric).__module__.startswith("keras.")
        ]
