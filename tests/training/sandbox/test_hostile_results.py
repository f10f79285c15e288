"""What a trial tells and leaves is data of a stranger: it never breaks or fills what takes it."""

from dataclasses import replace

import pytest

from experiments.training.frames import FrameError
from experiments.training.messages import ExecutionOrder, TrialEnd
from tests.training.sandbox import hostile
from tests.training.sandbox.conftest import LIMITS
from tests.training.sandbox.test_hostile_code import fate, trains

pytestmark = pytest.mark.training


@pytest.mark.parametrize(
    "source", [hostile.TELLS_INFINITY, hostile.TELLS_TOO_LARGE], ids=["infinity", "too-large"]
)
def test_a_number_that_no_record_can_hold_is_no_message(tight, code_order, source):
    with pytest.raises(
        FrameError, match="too large"
    ):  # which fails the trial, as the contract says
        fate(tight, code_order(source))
    assert trains(tight, code_order)


def test_an_epoch_with_too_many_metrics_fails_the_trial(tight, code_order):
    failure, _, seen = fate(tight, code_order(hostile.TELLS_MANY))
    assert TrialEnd() not in seen and "metrics" in failure.message
    assert trains(tight, code_order)


def test_holes_in_files_count_when_they_are_copied(sandboxed, code_order, monkeypatch):
    monkeypatch.setattr(sandboxed, "_limits", replace(LIMITS, written_bytes=100 << 20))
    order = code_order(
        hostile.LEAVES_HOLES,
        executions=[ExecutionOrder(n, part=0, repeat=n, seed=n) for n in (1, 2, 3)],
    )
    failure, _, _ = fate(sandboxed, order)
    assert failure is not None and "more files than allowed" in failure.message
    assert trains(sandboxed, code_order)
