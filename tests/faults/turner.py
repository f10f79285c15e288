"""Processes that take turns of one experiment with recorded curves until the search rests, all from one moment on."""

import os
import sys
import time

import django


def main(experiment_pk: int, count: int) -> int:
    """Fork them, and wait for all; 0 if each ended well."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuning_site.settings")
    django.setup()
    import experiments.tuner.turn  # noqa: F401  # once for all of them

    children = []
    for number in range(count):
        pid = os.fork()
        if pid == 0:
            take_turns(experiment_pk, f"w{number}")
            os._exit(0)
        children.append(pid)
    return max(os.waitpid(pid, 0)[1] for pid in children)


def take_turns(experiment_pk: int, name: str) -> None:
    from experiments.models import Experiment
    from experiments.tuner.turn import take_turn
    from experiments.tuner.worker_context import WorkerContext
    from tests.replay_pool import ReplayPool

    seat = WorkerContext(worker=name, pool=ReplayPool(seconds_per_epoch=0.005))
    ended = (Experiment.State.COMPLETED, Experiment.State.FAILED, Experiment.State.STOPPED)
    while Experiment.objects.get(pk=experiment_pk).state not in ended:
        take_turn(experiment_pk, seat)
        time.sleep(0.03)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])) != 0)
