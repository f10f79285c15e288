import json

import pytest
from django.core.management import CommandError, call_command

from benchmarks import memory, programs, sandbox, start
from benchmarks.equality import bench as equality
from benchmarks.live import bench as live
from experiments.training.sandbox import Isolation


def run(capsys, *arguments):
    call_command("bench", *arguments)
    return json.loads(capsys.readouterr().out.strip().splitlines()[-1])


@pytest.mark.thorough
@pytest.mark.training
def test_a_claimed_trial_starts_and_says_how_long_it_took(capsys):
    figures = programs.run_worker_side(2)
    assert figures["trials"] == 2
    assert len(figures["start_ms"]) == 2
    assert all(milliseconds > 0 for milliseconds in figures["start_ms"])


def test_the_last_line_is_one_json_object(capsys, monkeypatch):
    side = {"trials": 3, "start_ms": [20.0, 30.0, 90.0]}
    monkeypatch.setattr(start, "run_worker_side", lambda trials: side)
    assert run(capsys, "start", "--trials", "3") == {
        "trials": 3,
        "median_ms": 30.0,
        "slowest_ms": 90.0,
        "target_ms": 60.0,
        "passed": True,
    }


def test_a_missed_target_ends_with_an_error(capsys, monkeypatch):
    small, large = {"worker_mb": 100.0, "host_mb": 500.0}, {"worker_mb": 106.0, "host_mb": 500.0}
    side = {"trials": 200, "memory": {"early": small, "late": large}}
    monkeypatch.setattr(memory, "run_worker_side", lambda trials: side)
    with pytest.raises(CommandError, match="missed its target"):
        run(capsys, "memory")
    figures = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert (figures["growth"], figures["passed"]) == (0.06, False)


def test_equality_is_the_largest_difference_of_all_cases(capsys, monkeypatch):
    cases = {"a": {"difference": 1e-7}, "b": {"difference": 3e-6}}
    monkeypatch.setattr(equality, "run_program", lambda module: {"cases": cases})
    assert run(capsys, "equality")["max_difference"] == 3e-6


@pytest.mark.training
def test_the_same_trial_is_timed_behind_walls_and_plain(training_pool, sandboxed, monkeypatch):
    monkeypatch.setattr(training_pool, "close", lambda: None)  # it stays for other tests
    monkeypatch.setattr(sandbox, "TrainingPool", lambda: training_pool)
    monkeypatch.setattr(sandbox, "SandboxedPool", lambda *arguments: sandboxed)
    monkeypatch.setattr(sandbox, "WARM_UP", 0)
    figures = sandbox.measure(trials=1)
    assert figures["trials"] == 1 and figures["isolation"].startswith("isolated")
    assert figures["plain_ms"] > 0 and figures["sandboxed_ms"] > 0
    added = figures["sandboxed_ms"] - figures["plain_ms"]
    assert figures["added_ms"] == pytest.approx(added, abs=0.2)


def test_a_machine_without_a_sandbox_has_nothing_to_measure(capsys, monkeypatch):
    monkeypatch.setattr(sandbox, "probe", lambda hidden: Isolation(problem="no program."))
    with pytest.raises(CommandError, match="no program"):
        run(capsys, "sandbox")


@pytest.mark.parametrize(
    ("waits", "missing", "passed"),
    [
        ([0.5] * 97 + [3.0] * 3, 0, True),
        ([0.5] * 90 + [3.0] * 10, 0, False),  # one in ten is late
        ([0.5] * 59, 0, False),  # too few to tell
        ([0.5] * 100, 1, False),  # a point that never came
    ],
)
def test_epochs_must_reach_pixels_within_two_seconds(monkeypatch, waits, missing, passed):
    side = {"waits": waits, "missing": missing}
    monkeypatch.setattr(live, "run_program", lambda *arguments: side)
    figures = live.measure()
    assert (figures["samples"], figures["passed"]) == (len(waits), passed)


def test_a_percentile_is_a_value_that_was_measured():
    assert live.percentile([1.0, 2.0, 3.0, 4.0], 0.5) == 2.0
    assert live.percentile([float(n) for n in range(1, 101)], 0.95) == 95.0


@pytest.mark.django_db
def test_no_trial_of_a_comparison_is_cut_short():
    from benchmarks.throughput.our_side import make_plan
    from experiments.services.datasets.built_in import load_built_in

    options = {"executions": 1, "epochs": 30, "trials": 4, "slots": 2, "seed": 0}
    plan = make_plan(load_built_in("digits"), options)
    assert (plan.sampler, plan.pruner) == ("random", "none")
    assert plan.fit.early_stopping_patience is None
