"""The supervisor keeps its children alive, and ends every process below it."""

import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from tests.pace import crowd
from tests.stack.site import alive

ROOT = Path(__file__).resolve().parents[2]
# A supervisor of one sleeper (which starts a grandchild of its own session) and one deaf process.
SCRIPT = """
import sys
from pathlib import Path
from experiments.stack.processes import Program
from experiments.stack.supervisor import Supervisor

SLEEPER = '''
import subprocess, time
subprocess.Popen(["sleep", "300"], start_new_session=True)
time.sleep(300)
'''
DEAF = '''
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_IGN)
time.sleep(300)
'''
supervisor = Supervisor(folder=Path.cwd())
supervisor.install()
supervisor.start(Program("sleeper", [sys.executable, "-c", SLEEPER]))
if "deaf" in sys.argv:
    supervisor.start(Program("deaf", [sys.executable, "-c", DEAF]))
print("up", flush=True)
supervisor.run()
"""


class Running:
    """A supervisor in a process of its own."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"up\n"
        self.wait_for(lambda: any("sleep" in p.name() for p in self.descendants()))

    def descendants(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    @staticmethod
    def wait_for(condition, seconds: float = 10.0) -> None:
        deadline = time.monotonic() + seconds * crowd()
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.fixture
def start():
    running: list[Running] = []

    def begin(*arguments: str) -> Running:
        running.append(Running(*arguments))
        return running[-1]

    yield begin
    for one in running:
        one.process.kill()
        one.process.wait()


def gone(processes: list[psutil.Process]) -> bool:
    return alive(processes) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_children_and_their_children(start, number):
    supervisor = start()
    below = supervisor.descendants()
    assert len(below) == 2
    supervisor.process.send_signal(number)
    assert supervisor.process.wait(timeout=5 * crowd()) == 0
    assert gone(below)


def test_ctrl_c_ends_a_child_that_ignores_it_within_ten_seconds(start):
    supervisor = start("deaf")
    below = supervisor.descendants()
    supervisor.process.send_signal(signal.SIGINT)
    assert supervisor.process.wait(timeout=10 * crowd()) == 0
    assert gone(below)


def test_a_second_ctrl_c_waits_for_nobody(start):
    supervisor = start("deaf")
    supervisor.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    supervisor.process.send_signal(signal.SIGINT)
    assert supervisor.process.wait(timeout=3 * crowd()) == 0


def test_a_killed_child_is_started_again_in_a_second(start):
    supervisor = start()
    child = psutil.Process(supervisor.process.pid).children()[0]
    child.kill()
    supervisor.wait_for(
        lambda: any(
            p.pid != child.pid and "python" in p.name().lower()
            for p in psutil.Process(supervisor.process.pid).children()
        ),
        seconds=2,
    )


def test_children_end_when_the_supervisor_is_killed(start):
    supervisor = start()
    children = psutil.Process(supervisor.process.pid).children()
    grandchildren = [p for p in supervisor.descendants() if p not in children]
    supervisor.process.kill()
    supervisor.wait_for(lambda: gone(children), seconds=2)
    for leftover in alive(grandchildren):  # they belong to nobody now
        leftover.kill()


def test_a_signal_in_the_midst_of_a_start_waits_for_the_child_to_be_known(tmp_path, monkeypatch):
    from experiments.stack import supervisor as supervisor_module
    from experiments.stack.processes import Program, Supervised

    whole = []

    def interrupted_start(child):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)  # Python calls its handlers between two steps
        whole.append(child)

    monkeypatch.setattr(Supervised, "start", interrupted_start)
    # This process must not adopt: it would keep the dead children of later tests.
    monkeypatch.setattr(supervisor_module, "adopt_orphans", lambda: None)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    supervisor = supervisor_module.Supervisor(folder=tmp_path)
    try:
        supervisor.install()
        with pytest.raises(KeyboardInterrupt), supervisor.preparing():
            supervisor.start(Program("sleeper", ["sleep", "300"]))
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert len(whole) == 1


def test_a_program_that_keeps_failing_is_started_ever_later(tmp_path, monkeypatch):
    from experiments.stack import processes
    from experiments.stack.processes import Program, Supervised

    now = 0.0
    monkeypatch.setattr(processes, "time", SimpleNamespace(monotonic=lambda: now))
    child = Supervised(Program("false", ["false"]), folder=tmp_path)
    child.start()
    starts = [now]
    while len(starts) < 4:
        before = child.restarts
        child.check()
        if child.restarts > before:
            starts.append(now)
        elif child.pid is None:
            now += 0.05
        else:
            time.sleep(0.01)
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    assert gaps == pytest.approx([0.2, 0.4, 0.8], abs=0.12)
    child.kill()
