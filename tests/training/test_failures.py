"""How a trial ends that can't go on, seen from the worker."""

import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from experiments.training.messages import (
    DataOrder,
    EpochEnd,
    ExecutionEnd,
    ExecutionOrder,
    Failure,
    LogLine,
    ModelBuilt,
    TrialEnd,
)
from tests.training.orders import drain, listen_for, of
from tests.training.sources import EAGER_STEP, GRANDCHILD, OWN_FIT, OWN_LOGS, PER_CLASS, dense

pytestmark = pytest.mark.training


@pytest.fixture
def pool(training_pool):
    return training_pool


@pytest.fixture
def play(pool, order):
    def play(source, **changes):
        run = pool.run(order(values={"source": source}, **changes))
        seen = drain(run)
        status = run.exit_status()
        run.close()
        return seen, status

    return play


def failure_of(seen):
    (failure,) = of(seen, Failure)
    assert not of(seen, TrialEnd)
    return failure


def log_of(seen):
    return "\n".join(line.text for line in of(seen, LogLine))


def test_a_diverged_loss_is_told_after_its_first_epoch(play):
    seen, _ = play(dense(optimizer="keras.optimizers.SGD(float('inf'))"))
    (epoch,) = of(seen, EpochEnd)
    assert epoch.metrics["loss"] is None
    failure = failure_of(seen)
    assert (failure.kind, failure.execution) == ("nan", 7)
    assert failure.message == "The loss became NaN or infinite after epoch 1."


def test_an_error_in_the_model_shows_its_own_line(play):
    seen, status = play(dense(before='raise ZeroDivisionError("no such width")'))
    failure = failure_of(seen)
    assert failure.kind == "user_code"
    assert failure.message == "ZeroDivisionError: no such width"
    assert 'raise ZeroDivisionError("no such width")' in failure.traceback
    assert status == 0


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("x = (", "SyntaxError"),
        ("x = 1", "defines no function build_model"),
        ("def build_model(): return None", "returned NoneType, not a Keras model"),
        (dense(after="return keras.Sequential([layers.Dense(1)])"), "isn't compiled"),
        ("import sys; sys.exit(3)", "exited the program (exit status 3)"),
        ("import nowhere", "ModuleNotFoundError"),
    ],
)
def test_source_that_is_no_model_is_told_in_words(play, source, words):
    failure = failure_of(play(source)[0])
    assert failure.kind == "user_code"
    assert words in failure.message


def test_an_objective_that_nothing_logs_is_named(play):
    failure = failure_of(play(dense(), fit={"objective": "val_auc"})[0])
    assert "“val_auc” isn't among the metrics: accuracy, loss" in failure.message


def test_a_model_larger_than_memory_is_out_of_memory(play):
    seen, _ = play(dense(layer="layers.Dense(10**9), layers.Dense(10**6)"))
    assert failure_of(seen).kind == "out_of_memory"


@pytest.mark.parametrize("broken", ["folder", "split", "part", "rows"])
def test_data_that_is_not_there_is_a_data_failure(play, digits, tmp_path, broken):
    split = tmp_path / "split.npz"
    rows = [10_000] if broken == "rows" else [1]
    np.savez(split, train_0=np.array(rows), validation_0=np.array([2]))
    data = {
        "folder": DataOrder(str(tmp_path / "nowhere"), digits.split, "h"),
        "split": replace(digits, split=str(tmp_path / "nothing.npz")),
        "part": replace(digits, split=str(split)),
        "rows": replace(digits, split=str(split)),
    }[broken]
    seen, _ = play(dense(), data=data, executions=[_execution(part=broken == "part")])
    assert failure_of(seen).kind == "data"


def test_what_is_printed_is_the_log_of_its_execution(play):
    seen, _ = play(dense(before="print('width', 8); import sys; print('é', file=sys.stderr)"))
    assert [line.text for line in of(seen, LogLine) if line.execution == 0] == ["width 8", "é"]


def test_a_crash_leaves_its_last_words_in_the_log(play):
    seen, status = play(dense(before="import ctypes; ctypes.string_at(0)"))
    assert status == -signal.SIGSEGV
    assert "Segmentation fault" in log_of(seen)
    assert "build_model" in log_of(seen)


def test_a_silent_exit_gives_no_last_message(play):
    seen, status = play(dense(before="import os; os._exit(0)"))
    assert status == 0
    assert not of(seen, TrialEnd) and not of(seen, Failure)


def test_a_child_sees_no_secret_and_offers_itself_to_the_oom_killer(play, monkeypatch):
    assert os.environ["SECRET_KEY"]
    before = (
        "import os, sys; print(sorted(os.environ)); print('django', 'django' in sys.modules); "
        "print(open(f'/proc/{os.getppid()}/environ').read()); "
        "print('score', open('/proc/self/oom_score_adj').read())"
    )
    log = log_of(play(dense(before=before))[0])
    assert "PATH" in log
    assert not any(secret in log for secret in ("SECRET_KEY", "DATABASE", "REDIS"))
    assert "score 500" in log
    assert "django False" in log


def test_processes_that_a_model_starts_end_with_it(pool, play):
    source = dense(top=GRANDCHILD, before="leave_a_process_behind()")
    seen, _ = play(source)
    assert seen[-1] == TrialEnd()
    assert psutil.Process(pool.host_pid).children(recursive=True) == []


def test_a_frozen_child_is_killed_all_the_same(pool, order):
    run = pool.run(order(values={"source": dense()}, fit={"epochs": 4000}))
    listen_for(run, EpochEnd)
    os.kill(run.pid, signal.SIGSTOP)
    while psutil.Process(run.pid).status() != psutil.STATUS_STOPPED:
        time.sleep(0.01)
    run.kill()
    drain(run)
    assert run.exit_status() == -signal.SIGKILL
    run.close()


def test_code_that_refuses_to_end_is_killed(pool, order):
    before = "import signal, time; signal.signal(15, signal.SIG_IGN); print('in'); time.sleep(600)"
    run = pool.run(order(values={"source": dense(before=before)}))
    listen_for(run, LogLine)
    run.kill()
    drain(run)
    assert run.exit_status() == -signal.SIGKILL  # long before it would have ended by itself
    run.close()


def test_a_model_may_print_far_too_much(play):
    before = "print('first'); [print('x' * 1000) for _ in range(4000)]; print('last')"
    seen, _ = play(dense(before=before))
    lines = [line.text for line in of(seen, LogLine)]
    assert (lines[0], lines[-1]) == ("first", "last")
    assert sum(map(len, lines)) < 2_300_000
    assert any("characters omitted" in line for line in lines)
    assert of(seen, ExecutionEnd)


def test_a_model_that_no_graph_takes_trains_with_plain_fit(play):
    for source, words in [
        (dense(top=EAGER_STEP, model="Eager", compile="run_eagerly=True"), "run_eagerly"),
        (dense(top=OWN_FIT, model="OwnFit"), "overrides fit"),
        (dense(top=OWN_LOGS, model="OwnLogs"), "logs that aren't metrics"),
    ]:
        seen, _ = play(source)
        (built,) = of(seen, ModelBuilt)
        assert built.method == "fit"
        assert words in built.reason
        assert len(of(seen, EpochEnd)) == 3
        assert ("rate" in of(seen, EpochEnd)[0].metrics) == ("OwnLogs" in source)


def test_a_step_that_reads_a_tensor_is_told_as_the_models_error(play):
    seen, _ = play(dense(top=EAGER_STEP, model="Eager"))
    (built,) = of(seen, ModelBuilt)
    assert built.reason.startswith("The model can't be traced")
    assert failure_of(seen).kind == "user_code"


def _execution(*, part):
    return ExecutionOrder(7, part=5 if part else 0, repeat=0, seed=11)


def test_a_folder_that_can_not_be_written_is_infrastructure(play, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    seen, _ = play(dense(), directory=str(Path(blocked) / "attempt"))
    assert failure_of(seen).kind == "infrastructure"


def test_a_metric_of_each_class_is_told_class_by_class(play):
    source = dense(
        compile="",
        after="model.compile('adam', 'sparse_categorical_crossentropy', "
        "metrics=[PerClass(name='share')])",
        top=PER_CLASS,
    )
    (epoch, *_) = of(play(source)[0], EpochEnd)
    assert {f"share_{i}" for i in range(10)} <= set(epoch.metrics)
