"""A pool host without TensorFlow: a child runs a model's code up to the end of its `build`, or tells of epochs.

What walls, limits and deaths do is the kernel's, the host's and the worker's affair: they meet a host that is
there at once as they meet one that has loaded TensorFlow for seconds.
"""

import os
import sys
import time
from typing import Any

from experiments.training.child import host
from experiments.training.child.channel import Channel
from experiments.training.child.forked import flush, leave, take_log, volunteer_for_oom
from experiments.training.messages import ChildStarted, EpochEnd, Failure, TrialEnd

EPOCH_SECONDS = 0.01


class Anything:
    """Stands for Keras: has every attribute, takes every call."""

    def __getattr__(self, name: str) -> "Anything":
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> "Anything":
        return self


def run_child(order, sock, log):
    take_log(log)
    volunteer_for_oom()
    channel = Channel(sock)
    channel.send(ChildStarted(os.getpid(), preloaded=True, device="none", versions={}))
    try:
        if order.model.slug == "code":
            os.chdir(order.directory)
            build(order.model.layers[0]["source"])
        else:
            tell_epochs(order, channel)
    except (Exception, SystemExit) as error:
        flush()
        channel.send(Failure(0, "user_code", f"{type(error).__name__}: {error}", ""))
    else:
        flush()
        channel.send(TrialEnd())
    leave()


def build(source):
    room = {}
    exec(compile(source, "model.py", "exec"), room)
    room["build"](None)


def tell_epochs(order, channel):
    for epoch in range(1, order.fit.epochs + 1):
        time.sleep(EPOCH_SECONDS)
        channel.send(EpochEnd(order.executions[0].execution, epoch, {"loss": 1.0}, EPOCH_SECONDS))


if __name__ == "__main__":
    sys.modules["keras"] = Anything()
    host.main(lambda: run_child)
