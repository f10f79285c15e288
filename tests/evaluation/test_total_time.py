import pytest

from experiments.evaluation.total_time import Course, Timed, total_seconds

TIMED = [Timed(build=1.0, epoch=0.5, epochs=10), Timed(build=1.0, epoch=1.5, epochs=10)]


def test_nothing_that_ends_early_leaves_a_narrow_range_around_the_work():
    low, high = total_seconds(TIMED, Course(trials=10, executions=2, lanes=1))
    work = 10 * (1.0 + 2 * 10 * 1.0)
    assert 0.7 * work < low < work < high < 1.6 * work


def test_early_stopping_pruning_and_racing_lower_the_lower_bound_alone():
    whole = Course(trials=10, executions=5, lanes=1)
    low, high = total_seconds(TIMED, whole)
    for easier in ({"fewest_epochs": 4}, {"prunes": True}, {"raced": True}):
        less, same = total_seconds(TIMED, Course(trials=10, executions=5, lanes=1, **easier))
        assert less < low and same == pytest.approx(high)


def test_lanes_share_the_work_and_budgets_cap_it():
    one = total_seconds(TIMED, Course(trials=10, executions=1, lanes=1))
    two = total_seconds(TIMED, Course(trials=10, executions=1, lanes=2))
    assert two[0] == pytest.approx(one[0] / 2)
    capped = total_seconds(TIMED, Course(trials=1000, executions=1, lanes=2, seconds=60))
    assert capped == (60, 60)
    slots = total_seconds(TIMED, Course(trials=1000, executions=1, lanes=2, slot_seconds=60))
    assert slots == (30, 30)


def test_nothing_timed_is_an_error():
    with pytest.raises(ValueError, match="Nothing"):
        total_seconds([], Course(trials=1, executions=1, lanes=1))
