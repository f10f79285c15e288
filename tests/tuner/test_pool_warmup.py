"""A worker whose pool is cold takes nothing, and says why."""

import threading
import time

import pytest

from experiments.models import Attempt, Trial, Worker
from experiments.services.experiments.lifecycle import start_experiment
from experiments.services.site.workers import Pulse
from experiments.training.environment import ROOT
from experiments.training.pool import TrainingPool
from experiments.training.pool_protocols import HostFailed
from experiments.tuner import pool_warmup
from experiments.tuner.heartbeat import Heartbeat
from experiments.tuner.pool_warmup import PoolWarmup
from experiments.tuner.turn import take_turn
from experiments.tuner.worker_context import WorkerContext
from tests.searches import make_experiment


class ScriptedPool:
    """Answers each question for its warmth with the next of the script."""

    def __init__(self, *script: bool | HostFailed) -> None:
        self.script = list(script)

    def wait_until_ready(self, timeout_seconds: float) -> bool:
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(answer, HostFailed):
            raise answer
        return answer


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(pool_warmup, "FIRST_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(pool_warmup, "LOOK_SECONDS", 0.01)


def test_a_warm_pool_is_told_of_without_waiting(quick):
    said: list[str] = []
    assert PoolWarmup(ScriptedPool(True), threading.Event(), said.append).wait(lambda: None)
    assert said == [""]


def test_a_pool_that_fails_is_tried_again_after_ever_longer_pauses(quick, caplog):
    failure = HostFailed("It ended: ImportError: no luck", "Traceback\nImportError: no luck")
    said: list[str] = []
    beats: list[float] = []
    pool = ScriptedPool(False, failure, False, failure, False, True)
    assert PoolWarmup(pool, threading.Event(), said.append).wait(
        lambda: beats.append(time.monotonic())
    )
    first, second = (
        f"can't train (retrying every {pause} s): It ended: ImportError: no luck"
        for pause in ("0.05", "0.1")
    )
    told = [now for before, now in zip([None, *said], said, strict=False) if now != before]
    assert told == ["warming up", first, second, ""]
    assert beats[-1] - beats[0] >= 0.15
    assert "Traceback\nImportError: no luck" in caplog.text


def test_a_worker_that_is_told_to_leave_stops_trying(quick):
    leaving = threading.Event()
    pool = ScriptedPool(HostFailed("It ended."))
    threading.Timer(0.2, leaving.set).start()
    assert not PoolWarmup(pool, leaving, lambda words: None).wait(lambda: None)


@pytest.mark.django_db(transaction=True)
def test_news_of_a_worker_are_in_the_database_at_once(monkeypatch):
    monkeypatch.setattr("experiments.tuner.heartbeat.BEAT_SECONDS", 3600.0)  # no beat of its own
    news = Pulse(detail="warming up")
    heartbeat = Heartbeat("trials-a-1", Worker.Kind.TRIALS, lambda: news)
    heartbeat.start()
    until_detail("warming up")
    news = Pulse()
    heartbeat.hurry()
    until_detail("")
    heartbeat.stop()
    assert not Worker.objects.exists()


def until_detail(words: str) -> None:
    while not Worker.objects.filter(detail=words).exists():  # the test's own limit ends it
        time.sleep(0.02)


@pytest.mark.training
def test_a_host_that_can_not_import_tensorflow_is_told_on_the_attempt(project, owner, tmp_path):
    (tmp_path / "tensorflow.py").write_text("raise ImportError('libcuda.so is missing')\n")
    pool = TrainingPool(environment={"PYTHONPATH": f"{tmp_path}:{ROOT}"})
    experiment = make_experiment(project, max_trials=1)
    start_experiment(experiment, by=owner)
    take_turn(experiment.pk, WorkerContext(worker="worker-a", pool=pool))
    pool.close()
    attempt = Attempt.objects.get()
    assert (attempt.outcome, attempt.failure_kind) == ("failed", "infrastructure")
    assert attempt.message == (
        "The training host ended before it was ready: ImportError: libcuda.so is missing"
    )
    assert "Traceback (most recent call last)" in attempt.traceback
    trial = Trial.objects.get()
    assert trial.state == Trial.State.WAITING  # another worker may be able to
    assert "libcuda.so is missing" in trial.executions.get().log
