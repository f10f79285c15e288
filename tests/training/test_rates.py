"""Early stopping, plateaus and schedules: the same numbers fused, plain, resumed and over a shared trace."""

from dataclasses import replace

import pytest

from experiments.training.messages import (
    CheckpointSaved,
    EarlyStoppingOrder,
    EpochEnd,
    ExecutionEnd,
    ExecutionOrder,
    Failure,
    LogLine,
    ReduceLROnPlateauOrder,
)
from experiments.training.schedule import Schedule
from tests.training.orders import drain, of

pytestmark = pytest.mark.training
FIRST, SECOND = ExecutionOrder(7, 0, 0, 11), ExecutionOrder(8, 1, 0, 12)
PLATEAU = ReduceLROnPlateauOrder(  # an unheard-of gain is requested, so the rate falls
    "val_loss", factor=0.5, patience=1, min_delta=10.0, cooldown=2, min_lr=0.004
)
WAYS = {
    "plateau": ({"reduce_lr": PLATEAU}, [0.01, 0.01, 0.005, 0.005, 0.004, 0.004]),
    "warm-up": (
        {"schedule": Schedule("warmup_cosine", warmup_epochs=2, alpha=0.1)},
        [0.01 * factor for factor in (1 / 3, 2 / 3, 1.0, 0.8682, 0.55, 0.2318)],
    ),
}


@pytest.fixture
def play(training_pool, order):
    def play(**changes):
        run = training_pool.run(order(**changes))
        seen = drain(run)
        run.close()
        return seen

    return play


def curves(seen, execution=7):
    return [message.metrics for message in of(seen, EpochEnd) if message.execution == execution]


def rates(seen, execution=7):
    return [metrics["learning_rate"] for metrics in curves(seen, execution)]


def largest_difference(one, other):
    assert len(one) == len(other) > 0
    return max(abs(a[k] - b[k]) for a, b in zip(one, other, strict=True) for k in a)


@pytest.mark.parametrize("way", ["plateau", pytest.param("warm-up", marks=pytest.mark.thorough)])
def test_every_way_of_training_changes_the_rate_alike_and_resumes_to_the_same_numbers(play, way):
    changes, expected = WAYS[way]
    fit = changes | {"epochs": 6, "checkpoint_seconds": 0.0}
    both = play(fit=fit, executions=[FIRST, SECOND])
    plain = play(fit=fit | {"method": "fit"}, executions=[FIRST])
    assert rates(both) == pytest.approx(expected, abs=1e-6)
    assert rates(both, 8) == rates(both)  # the second one over the trace starts afresh
    assert largest_difference(curves(both), curves(plain)) <= 1e-5

    for method, whole in (("fused", both), ("fit", plain)):
        saved = next(m for m in of(whole, CheckpointSaved) if m.execution == 7 and m.epoch == 4)
        resumed = replace(FIRST, checkpoint=saved.directory, epochs_done=4)
        rest = play(fit=fit | {"method": method}, executions=[resumed])
        assert largest_difference(curves(rest), curves(whole)[4:]) <= 1e-6
        assert of(rest, ExecutionEnd)[0].best_epoch == of(whole, ExecutionEnd)[0].best_epoch


@pytest.mark.parametrize(
    ("changes", "epochs"),
    [
        ({"baseline": 0.0, "min_delta": 10.0}, 2),  # the first epoch isn't better than that
        pytest.param({"min_delta": 10.0, "start_from_epoch": 3}, 6, marks=pytest.mark.thorough),
        pytest.param(
            {"monitor": "accuracy", "mode": "max", "min_delta": 10.0},
            3,
            marks=pytest.mark.thorough,
        ),
    ],
)
def test_early_stopping_takes_kerass_own_arguments(play, changes, epochs):
    stopping = replace(EarlyStoppingOrder("val_loss", patience=2), **changes)
    seen = play(fit={"epochs": 12, "early_stopping": stopping})
    assert len(curves(seen)) == epochs


@pytest.mark.parametrize(
    ("method", "keep"),
    [("auto", "best"), pytest.param("fit", "last", marks=pytest.mark.thorough)],
)
def test_a_diverging_loss_may_end_the_execution_at_the_epoch_before(play, method, keep):
    # The rate grows until nothing is finite; the growth is no kind of a plan, only of this test.
    fit = {"epochs": 12, "method": method, "keep": keep, "on_nan": "stop"}
    fit["schedule"] = Schedule("exponential", decay_rate=1e12)
    seen = play(fit=fit)
    (end,) = of(seen, ExecutionEnd)
    assert 0 < end.epochs == len(curves(seen)) < 12
    assert all(metrics["loss"] is not None for metrics in curves(seen))
    assert "so training ends after epoch" in " ".join(line.text for line in of(seen, LogLine))


def test_otherwise_it_fails_the_trial_with_its_traceback(play):
    schedule = Schedule("exponential", decay_rate=1e12)
    fit = {"epochs": 12, "schedule": schedule}
    (failure,) = of(play(fit=fit), Failure)
    assert failure.kind == "nan"
    assert "became NaN or infinite" in failure.traceback
