"""A process that takes turns of one experiment with recorded curves until the search rests.

It begins with all its companions: a file for each lies in the folder by then.
"""

import os
import sys
import time
from pathlib import Path

import django


def main(experiment_pk: int, name: str, folder: Path, companions: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuning_site.settings")
    django.setup()
    from experiments.models import Experiment
    from experiments.training.replay import ReplayPool
    from experiments.tuner.turn import take_turn
    from experiments.tuner.worker_context import Seat

    seat = Seat(worker=name, pool=ReplayPool(seconds_per_epoch=0.005))
    (folder / f"{name}.here").touch()
    while len(list(folder.glob("*.here"))) < companions:
        time.sleep(0.01)
    ended = (Experiment.State.COMPLETED, Experiment.State.FAILED, Experiment.State.STOPPED)
    while Experiment.objects.get(pk=experiment_pk).state not in ended:
        take_turn(experiment_pk, seat)
        time.sleep(0.03)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
