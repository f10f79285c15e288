"""Who dies with whom: no child outlives its host, no host its worker."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from experiments.training.environment import ROOT, child_environment
from experiments.training.messages import ChildStarted, EpochEnd, Failure, LogLine, TrialEnd
from experiments.training.pool import PROGRAM, TrainingPool
from experiments.training.pool_protocols import HostFailed
from tests.training.orders import drain, listen_for, of

pytestmark = pytest.mark.training

WORKER = """
import pickle, sys, time
from experiments.training.pool import TrainingPool
from experiments.training.messages import EpochEnd

order = pickle.load(open(sys.argv[1], "rb"))
pool = TrainingPool(program=sys.argv[2])
pool.start()
run = pool.run(order)
while not isinstance(run.receive(1.0), EpochEnd):
    pass
print(pool.host_pid, run.pid, flush=True)
assert "tensorflow" not in sys.modules and "django" not in sys.modules
time.sleep(600)
"""


def is_alive(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until_gone(*pids):
    """The test's own limit ends it where one stays."""
    while any(psutil.pid_exists(pid) for pid in pids):
        time.sleep(0.02)


@pytest.fixture(
    params=["tests.training.bare_host", pytest.param(PROGRAM, marks=pytest.mark.thorough)]
)
def program(request):
    """A host's program: what happens to processes is the same where they have loaded TensorFlow."""
    return request.param


@pytest.fixture
def worker(tmp_path, order, program):
    import pickle

    path = tmp_path / "order"
    path.write_bytes(pickle.dumps(order(fit={"epochs": 100_000})))
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(path), program],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        env=child_environment(),
    )
    yield process
    process.kill()
    process.wait()


def test_a_worker_that_dies_takes_host_and_child_along(worker):
    host, child = map(int, worker.stdout.readline().split())
    worker.kill()
    worker.wait()
    wait_until_gone(host, child)


def test_a_frozen_host_does_not_keep_the_child_alive(worker):
    host, child = map(int, worker.stdout.readline().split())
    os.kill(host, signal.SIGSTOP)
    worker.kill()
    worker.wait()
    while is_alive(child):  # a frozen host doesn't collect it: a zombie is as good as gone
        time.sleep(0.02)
    wait_until_gone(host)


def test_a_host_that_dies_is_replaced_for_the_next_trial(order, program):
    pool = TrainingPool(program=program)
    run = pool.run(order(fit={"epochs": 100_000}))
    listen_for(run, EpochEnd)
    os.kill(pool.host_pid, signal.SIGKILL)
    drain(run)
    assert run.exit_status() == -signal.SIGKILL
    wait_until_gone(run.pid)
    run.close()

    again = pool.run(order())
    assert drain(again)[-1] == TrialEnd()
    again.close()
    host = pool.host_pid
    pool.close()
    wait_until_gone(host)


def test_a_trial_killed_while_the_host_is_cold_never_starts(order):
    pool = TrainingPool()
    run = pool.run(order())
    run.kill()
    assert drain(run) == []
    assert run.exit_status() == -signal.SIGTERM
    run.close()
    following = pool.run(order())
    assert drain(following)[-1] == TrialEnd()
    following.close()
    pool.close()


def test_a_host_that_can_not_start_says_why(order):
    pool = TrainingPool(program="tests.training.no_such_host")
    with pytest.raises(HostFailed, match="no_such_host"):
        pool.wait_until_ready(120)
    run = pool.run(order())
    seen = drain(run)
    assert any("no_such_host" in line.text for line in of(seen, LogLine))
    (failure,) = of(seen, Failure)
    assert failure.kind == "infrastructure"
    assert failure.message.endswith("No module named tests.training.no_such_host")
    assert run.exit_status() == -signal.SIGKILL
    run.close()
    pool.close()


def test_a_host_without_tensorflow_tells_its_last_line_and_its_traceback(tmp_path):
    (tmp_path / "tensorflow.py").write_text("raise ImportError('libcuda.so is missing')\n")
    pool = TrainingPool(environment={"PYTHONPATH": f"{tmp_path}:{ROOT}"})
    with pytest.raises(HostFailed) as failed:
        pool.wait_until_ready(120)
    assert failed.value.message.endswith("ready: ImportError: libcuda.so is missing")
    assert failed.value.printed.startswith("Traceback (most recent call last)")

    (tmp_path / "tensorflow.py").unlink()
    assert pool.wait_until_ready(120)
    pool.close()


class KilledAtItsStart(TrainingPool):
    """While it is waited for: a host that is dead before would only be replaced."""

    def start(self):
        super().start()
        os.kill(self.host_pid, signal.SIGKILL)


def test_a_host_that_dies_without_a_word_is_told_by_its_signal():
    pool = KilledAtItsStart()
    with pytest.raises(HostFailed, match=r"printed nothing and ended with signal 9"):
        pool.wait_until_ready(60)
    pool.close()


def test_two_trials_run_side_by_side(training_pool, order):
    runs = [training_pool.run(order(fit={"epochs": 200})) for _ in range(2)]
    for run in runs:
        listen_for(run, EpochEnd)
    assert len({run.pid for run in runs}) == 2
    for run in runs:
        run.stop("stop")
        assert drain(run)[-1] == TrialEnd("stop")
        run.close()


def test_a_child_of_a_warm_host_has_tensorflow_when_it_begins(training_pool, order):
    """How soon its first line comes is what `bench start` measures."""
    for _ in range(2):
        run = training_pool.run(order(fit={"epochs": 1}))
        assert of(listen_for(run, ChildStarted), ChildStarted)[0].preloaded
        run.close()
