import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.training.messages import EpochEnd
from experiments.tuner.progress_buffer import (
    LEFT_OUT,
    LOG_HEAD,
    LOG_TAIL,
    CappedLog,
    EpochGap,
    ProgressBuffer,
)


def epoch(number, **metrics):
    return EpochEnd(1, number, metrics, 0.5)


def test_every_metrics_list_is_as_long_as_the_epochs():
    notes = ProgressBuffer(first=1)
    notes.page(1).epoch(epoch(1, loss=1.0))
    notes.page(1).epoch(epoch(2, loss=0.5, auc=0.9))
    notes.page(1).epoch(epoch(3, auc=None))
    (update,) = notes.unwritten()
    assert update.history == {"loss": [1.0, 0.5, None], "auc": [None, 0.9, None]}
    assert (update.epochs, update.seconds, update.log) == (3, 1.5, None)


@pytest.mark.parametrize("number", [1, 3])
def test_an_epoch_twice_or_a_gap_is_refused(number):
    notes = ProgressBuffer(first=1)
    notes.page(1).epoch(epoch(1, loss=1.0))
    with pytest.raises(EpochGap):
        notes.page(1).epoch(epoch(number, loss=1.0))


def test_what_is_written_is_not_written_again():
    notes = ProgressBuffer(first=1)
    notes.line(0, "before the first execution")
    (update,) = notes.unwritten()
    assert (update.execution, update.log) == (1, "before the first execution\n")
    notes.written()
    assert notes.unwritten() == []


def test_an_update_does_not_change_with_later_epochs():
    notes = ProgressBuffer(first=1)
    notes.page(1).epoch(epoch(1, loss=1.0))
    (update,) = notes.unwritten()
    notes.page(1).epoch(epoch(2, loss=0.5))
    assert update.history == {"loss": [1.0]}


@given(st.lists(st.text(max_size=9000), max_size=30))
def test_a_log_keeps_head_and_tail_within_its_limits(lines):
    log = CappedLog()
    for line in lines:
        log.add(line)
    whole = "".join(line.replace("\x00", "�") + "\n" for line in lines)
    text = log.text()
    assert len(text) <= LOG_HEAD + LOG_TAIL + len(LEFT_OUT)
    assert text == whole or (LEFT_OUT in text and whole.startswith(log.head))
    assert whole.endswith(log.tail)
    assert CappedLog.continued(text).text() == text
