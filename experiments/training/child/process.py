"""A forked child from start to exit: one trial."""

import os
import socket
import sys
from typing import NoReturn, Protocol

import tensorflow as tf

from experiments.catalog import tuner_modules
from experiments.catalog.code import SLUG as CODE
from experiments.training.child import code_check, dry_run, execution, space_reading
from experiments.training.child.channel import Channel
from experiments.training.child.failures import failure_of
from experiments.training.child.forked import flush, leave, take_log, volunteer_for_oom
from experiments.training.child.script import completion
from experiments.training.code_messages import CheckOrder, ScriptOrder, SpaceOrder
from experiments.training.messages import ChildStarted, Order, StopReason, TrialEnd, TrialOrder


def run_child(order: Order, sock: socket.socket, log: int) -> NoReturn:
    """Run a trial and end the process without Python's slow way out."""
    take_log(log)
    volunteer_for_oom()
    if not isinstance(order, TrialOrder) or order.model.slug == CODE:
        tuner_modules.install()
    channel = Channel(sock)
    channel.send(_started())
    trial = _task(order, channel)
    try:
        stopped = trial.run()
    # The border of the child: whatever a model raises has to reach the trial's page.
    except (Exception, SystemExit) as error:
        flush()
        channel.send(failure_of(error, trial.current))
    else:
        flush()
        channel.send(TrialEnd(stopped))
    leave()


class Task(Protocol):
    """The work of a child. `current`: its execution, 0 without one."""

    current: int

    def run(self) -> StopReason | None:
        """Do it and report; return why it ended early."""


def _task(order: Order, channel: Channel) -> Task:
    if isinstance(order, SpaceOrder):
        return space_reading.SpaceReading(order, channel)
    if isinstance(order, ScriptOrder):
        return completion.ScriptCompletion(order, channel)
    if isinstance(order, CheckOrder):
        return code_check.CodeCheck(order, channel)
    if not isinstance(order, TrialOrder):
        raise TypeError("Samplers, pruners and tuners run in their own host.")
    return (
        dry_run.DryRun(order, channel)
        if order.dry_run_seconds
        else execution.Trial(order, channel)
    )


def _started() -> ChildStarted:
    gpus = tf.config.list_physical_devices("GPU")
    return ChildStarted(
        pid=os.getpid(),
        preloaded=os.getpid() != _PRELOADED,
        device=f"GPU ({len(gpus)})" if gpus else "CPU",
        versions=_VERSIONS,
    )


def _versions() -> dict[str, str]:
    import keras
    import numpy as np

    return {
        "python": sys.version.split()[0],
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
    }


_PRELOADED = os.getpid()  # the process that imported this module; a forked child has another id
_VERSIONS = _versions()
