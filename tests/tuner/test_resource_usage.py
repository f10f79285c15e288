import ctypes
import os
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.services.experiments.lifecycle import start_experiment
from experiments.tuner.gpu import GpuReading, open_card
from experiments.tuner.resource_usage import COLUMNS, MOST, Meter, Stretch, UsageSeries
from tests.replay_pool import ReplayPool
from tests.searches import make_experiment, make_seat, run_search

BURN = "import sys; b = bytearray(60_000_000); print('ready', flush=True)\nwhile True: pass"


def stretch(until, length=1.0, cores=1.0, memory=100, **card):
    return Stretch(until, length, cores, memory, **card)


def filled(count, length=1.0):
    series = UsageSeries()
    for index in range(count):
        series.add(stretch((index + 1) * length, length, cores=index % 3, memory=index))
    return series


@settings(deadline=None)
@given(st.integers(1, 3000))
def test_a_series_is_bounded_and_loses_no_time(count):
    series = filled(count)
    columns = series.to_dict()
    assert set(columns) == set(COLUMNS[:3])
    assert len({len(column) for column in columns.values()}) == 1
    assert len(series.stretches) <= MOST
    assert columns["seconds"] == sorted(columns["seconds"])
    assert columns["seconds"][-1] == count
    assert columns["memory_bytes"][-1] == count - 1
    assert sum(each.length for each in series.stretches) == pytest.approx(count)
    spent = sum(each.length * each.cores for each in series.stretches)
    assert spent == pytest.approx(sum(index % 3 for index in range(count)))


def test_stretches_of_a_long_training_are_about_as_long_as_each_other():
    lengths = [each.length for each in filled(50_000, 0.5).stretches[:-1]]
    assert max(lengths) <= 2 * min(lengths)


def test_a_glimpse_is_joined_to_what_came_before():
    series = UsageSeries()
    series.add(stretch(1.0))
    series.add(stretch(1.01, 0.01, cores=50.0, memory=300))
    (one,) = series.stretches
    assert one.cores == pytest.approx((1 + 0.5) / 1.01)
    assert one.memory_bytes == 300


def test_a_later_attempt_goes_on_where_the_checkpoint_is():
    stored = filled(10).to_dict()
    series = UsageSeries.continued(stored, 4.2)
    assert series.to_dict()["seconds"] == [1, 2, 3, 4]
    series.add(stretch(5.0))
    assert series.to_dict()["seconds"] == [1, 2, 3, 4, 5]
    assert UsageSeries.continued({}, 4.2).to_dict() == {}


def test_a_card_is_told_of_only_where_it_was_read_throughout():
    series = UsageSeries()
    series.add(stretch(1.0, gpu=0.5, gpu_memory_bytes=7))
    assert set(series.to_dict()) == set(COLUMNS)
    series.add(stretch(2.0))
    assert set(series.to_dict()) == set(COLUMNS[:3])


def test_a_busy_program_is_measured():
    with subprocess.Popen([sys.executable, "-c", BURN], stdout=subprocess.PIPE) as child:
        assert child.stdout.readline() == b"ready\n"
        meter = Meter()
        first = meter.look(child.pid)
        assert meter.stretch(first, 0.0) is None
        while True:  # others may keep the processor from it for a while
            time.sleep(0.1)
            reading = meter.glance(child.pid)
            spent = reading.processor_seconds - first.processor_seconds
            if spent >= 1.0:
                break
        found = meter.stretch(reading, 0.5)
        child.kill()
        child.wait()
        assert found.cores == pytest.approx(spent / (reading.at - first.at))
        assert 0 < found.cores < 1.5
        assert found.memory_bytes > 60_000_000
        assert meter.stretch(meter.look(child.pid), 1.0) is None


class FakeNvml:
    """Answers as NVML does, for a machine that has cards."""

    def __init__(self, *, fails=False):
        self.fails = fails
        self.asked = []

    def nvmlInit_v2(self):
        return 0

    def nvmlDeviceGetHandleByIndex_v2(self, index, handle):
        self.asked.append(index)
        return 0 if index < 2 else 2

    def nvmlDeviceGetHandleByUUID(self, name, handle):
        self.asked.append(name)
        return 0

    def nvmlDeviceGetUtilizationRates(self, handle, rates):
        ctypes.cast(rates, ctypes.POINTER(ctypes.c_uint))[0] = 40
        return 15 if self.fails else 0

    def nvmlDeviceGetMemoryInfo(self, handle, memory):
        ctypes.cast(memory, ctypes.POINTER(ctypes.c_ulonglong))[2] = 5_000_000_000
        return 0


@pytest.mark.parametrize(("visible", "asked"), [("", 0), ("1,0", 1), ("GPU-5a,1", b"GPU-5a")])
def test_the_first_visible_card_is_read(visible, asked):
    library = FakeNvml()
    assert open_card(library, visible).read() == GpuReading(0.4, 5_000_000_000)
    assert library.asked == [asked]


def test_a_card_that_does_not_answer_is_no_reading():
    assert open_card(FakeNvml(), "7") is None
    assert open_card(FakeNvml(fails=True), "0").read() is None


def test_a_search_stores_what_each_execution_took(project, owner):
    experiment = make_experiment(project, max_trials=1, epochs=20)
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat(ReplayPool(seconds_per_epoch=0.02)))
    for execution in experiment.trials.get().executions.all():
        assert len(execution.epoch_seconds) == execution.epochs
        assert sum(execution.epoch_seconds) == pytest.approx(execution.seconds, abs=0.01)
        columns = execution.usage
        assert len(columns["seconds"]) >= 1
        assert min(columns["seconds"]) > 0
        assert max(columns["memory_bytes"]) > 10_000_000
        assert max(columns["cores"]) <= (os.cpu_count() or 1) + 1


def test_a_training_that_ends_before_the_first_look_has_its_card_too(monkeypatch):
    monkeypatch.setattr(
        "experiments.tuner.resource_usage.first_card", lambda: open_card(FakeNvml(), "")
    )
    meter = Meter()
    meter.has_gpu = True
    assert meter.stretch(meter.glance(os.getpid()), 0.0) is None
    found = meter.stretch(meter.glance(os.getpid()), 0.1)
    assert (found.gpu, found.gpu_memory_bytes) == (0.4, 5_000_000_000)
