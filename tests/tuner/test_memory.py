import os
import subprocess
import sys

from experiments.models import Trial
from experiments.services.experiments.lifecycle import start_experiment
from experiments.services.site.trial_memory import memory_limit
from experiments.tuner.resource_usage import memory_of
from tests.replay_pool import ReplayPool
from tests.searches import make_experiment, make_seat, run_search

HOLD = "import sys; b = bytearray(80_000_000); print('ready', flush=True); sys.stdin.read()"
GRANDCHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {HOLD!r}])"


def test_what_descendants_use_counts():
    with subprocess.Popen(
        [sys.executable, "-c", GRANDCHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout.readline() == b"ready\n"
        assert memory_of(parent.pid) > 80_000_000
        parent.stdin.close()
        parent.wait()
        assert memory_of(parent.pid) == 0


def test_the_limit_is_a_slots_share_unless_it_is_set(settings):
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    settings.SLOTS = 4
    assert memory_limit() == int(machine * 0.8 / 4)
    settings.TRIAL_MEMORY_BYTES = 123
    assert memory_limit() == 123


def test_a_trial_that_uses_too_much_fails_and_is_not_tried_again(project, owner, settings):
    settings.TRIAL_MEMORY_BYTES = 1_000_000
    experiment = make_experiment(project, max_trials=1, epochs=100)
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat(ReplayPool(seconds_per_epoch=0.05)))
    trial = experiment.trials.get()
    assert (trial.state, trial.failure_kind) == (Trial.State.FAILED, "out_of_memory")
    assert trial.failure_message.startswith("Training used more than the limit of 0.0 GB")
    assert trial.attempts.count() == 1
