"""A forked child from its first line to its exit: one trial.

Room: training child.
"""

import faulthandler
import os
import socket
import sys
from pathlib import Path
from typing import NoReturn, TextIO

import tensorflow as tf

from experiments.training.child import execution, rehearsal
from experiments.training.child.channel import Channel
from experiments.training.child.failures import failure_of
from experiments.training.messages import ChildStarted, TrialEnd, TrialOrder

OOM_SCORE = "500"  # the kernel takes a child before it takes the worker or the web server


def run_child(order: TrialOrder, sock: socket.socket, log: int) -> NoReturn:
    """Run a trial and end the process without Python's slow way out."""
    take_log(log)
    volunteer_for_oom()
    channel = Channel(sock)
    channel.send(_started())
    kind = rehearsal.Rehearsal if order.rehearse else execution.Trial
    trial = kind(order, channel)
    try:
        stopped = trial.run()
    # The border of the child: whatever a model raises has to reach the trial's page.
    except (Exception, SystemExit) as error:
        sys.stderr.flush()
        channel.send(failure_of(error, trial.current))
    else:
        channel.send(TrialEnd(stopped))
    leave()


def leave() -> NoReturn:
    """End the process at once; what was printed is written out."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def take_log(log: int) -> None:
    """Make everything that this process prints go to its log, a crash's last words too."""
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    # New ones: those of the host were opened on a file, and a pipe can't seek.
    sys.stdout = _line_writer(1)
    sys.stderr = _line_writer(2)
    faulthandler.enable()


def _line_writer(descriptor: int) -> TextIO:
    return open(descriptor, "w", buffering=1, errors="backslashreplace", closefd=False)


def volunteer_for_oom() -> None:
    """Raise this process's score for the kernel's out-of-memory killer."""
    try:
        Path("/proc/self/oom_score_adj").write_text(OOM_SCORE)
    except OSError as error:  # a container may forbid it; the trial can run all the same
        print(f"oom_score_adj stays as it is: {error}", file=sys.stderr)  # noqa: T201


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
