from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.evaluation.search_time import Course, Timed, total_seconds, trial_seconds

TIMED = [Timed(build=1.0, epoch=0.5, epochs=10), Timed(build=1.0, epoch=1.5, epochs=10)]
WHOLE = Course(trials=30, executions=2, lanes=1)

seconds = st.floats(1e-3, 60)
configurations = st.builds(
    Timed,
    build=seconds,
    epoch=seconds,
    epochs=st.integers(1, 200),
    again=st.floats(0, 10),
    saving=st.floats(0, 10),
    around=st.floats(0, 10),
    ran=st.integers(0, 200),
    has_ended=st.booleans(),
)
courses = st.builds(
    Course,
    trials=st.integers(1, 2000),
    executions=st.integers(1, 20),
    lanes=st.integers(1, 64),
    baselines=st.integers(0, 2),
    fewest_epochs=st.none() | st.integers(1, 100),
    prunes=st.booleans(),
    raced=st.booleans(),
    seconds=st.none() | st.integers(1, 10_000),
    slot_seconds=st.none() | st.integers(1, 10_000),
    epochs=st.none() | st.integers(1, 100_000),
)
questions = {"timed": st.lists(configurations, min_size=1, max_size=5), "course": courses}


def test_nothing_that_ends_early_leaves_a_narrow_range_around_the_work():
    low, high = total_seconds(TIMED, WHOLE)
    work = 30 * (1.0 + 2 * 10 * 1.0)
    assert 0.4 * work < low < work < high < 2.2 * work
    assert high < 4 * low


def test_what_ends_trials_early_lowers_both_bounds():
    whole = total_seconds(TIMED, replace(WHOLE, executions=5))
    for easier in ({"fewest_epochs": 4}, {"prunes": True}, {"raced": True}):
        less = total_seconds(TIMED, replace(WHOLE, executions=5, **easier))
        assert less[0] < whole[0] and less[1] < whole[1], easier


def test_a_try_that_early_stopping_ended_says_how_many_epochs_there_are():
    course = replace(WHOLE, fewest_epochs=4)
    unknown = [Timed(build=1.0, epoch=1.0, epochs=100, ran=5)]
    known = [replace(each, ran=20, has_ended=True) for each in unknown]
    low, high = total_seconds(known, course)
    work = 30 * (1.0 + 2 * 20)
    assert low < work < high < 4 * low
    wide = total_seconds(unknown, course)
    assert wide[1] / wide[0] > 1.5 * high / low


def test_more_trials_make_the_range_narrower():
    few = total_seconds(TIMED, replace(WHOLE, trials=1))
    many = total_seconds(TIMED, replace(WHOLE, trials=100))
    assert many[1] / many[0] < few[1] / few[0]


def test_budgets_cap_the_range():
    endless = Course(trials=1000, executions=1, lanes=2)
    assert total_seconds(TIMED, replace(endless, seconds=60)) == (60, 60)
    assert total_seconds(TIMED, replace(endless, slot_seconds=60)) == (30, 30)
    # A hundred epochs are ten trials.
    epochs = total_seconds(TIMED, Course(trials=1000, executions=1, lanes=1, epochs=100))
    trials = total_seconds(TIMED, Course(trials=10, executions=1, lanes=1))
    assert epochs == pytest.approx(trials, rel=0.05)


def test_nothing_timed_is_an_error():
    with pytest.raises(ValueError, match="No configuration"):
        total_seconds([], WHOLE)


@settings(max_examples=30, deadline=None)
@given(**questions)
def test_ranges_are_in_order_and_the_same_each_time(timed, course):
    for range_of in (total_seconds, trial_seconds):
        low, high = range_of(timed, course)
        assert 0 < low <= high
        assert range_of(timed, course) == (low, high)


@settings(max_examples=30, deadline=None)
@given(**questions, more=st.integers(1, 500))
def test_more_work_never_takes_less(timed, course, more):
    course = replace(course, epochs=None)  # a budget of epochs has room for more short trials
    low, high = total_seconds(timed, course)
    unraced = replace(course, raced=False)
    slower = [replace(each, epoch=each.epoch + more) for each in timed]
    for question in (
        (timed, replace(course, trials=course.trials + more)),
        (timed, unraced),
        (timed, replace(course, prunes=False)),
    ):
        longer = total_seconds(*question)
        assert low <= longer[0] * 1.0001 and high <= longer[1] * 1.0001
    assert trial_seconds(timed, course)[1] < trial_seconds(slower, course)[1]


@settings(max_examples=30, deadline=None)
@given(**questions, more=st.integers(1, 60))
def test_more_slots_never_take_longer(timed, course, more):
    course = replace(course, slot_seconds=None)  # two slots spend a budget of slots sooner
    low, high = total_seconds(timed, course)
    shorter = total_seconds(timed, replace(course, lanes=course.lanes + more))
    assert shorter[0] <= low * 1.0001 and shorter[1] <= high * 1.0001
