"""The Pareto front and its knee."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.evaluation.pareto import knee, non_dominated, on_front

POINTS = st.lists(st.tuples(*[st.integers(0, 5)] * 3), min_size=1, max_size=20)


def dominates(one, other):
    return all(a <= b for a, b in zip(one, other, strict=True)) and one != other


@given(POINTS)
def test_the_front_is_what_nothing_dominates(points):
    found = non_dominated(np.array(points, dtype=float))
    for point, is_on_it in zip(points, found, strict=True):
        assert is_on_it == (not any(dominates(other, point) for other in points))
    assert found.any()


@given(POINTS)
def test_a_dominated_trial_gives_way_to_the_member_that_dominates_it(points):
    losses = np.array(points, dtype=float)
    found = non_dominated(losses)
    for row, point in enumerate(points):
        chosen = on_front(losses, row)
        assert found[chosen]
        assert chosen == row if found[row] else dominates(points[chosen], point)


def test_of_several_members_the_best_in_the_first_objective_takes_its_place():
    losses = np.array([[3.0, 3.0], [2.0, 1.0], [1.0, 2.0], [0.0, 9.0]])
    assert on_front(losses, 0) == 2
    assert on_front(np.array([[0.0, math.nan], [2.0, 1.0], [1.0, 2.0]]), 0) == 2
    assert on_front(np.array([[0.0, math.nan]]), 0) == 0


def test_a_trial_without_a_number_is_on_no_front_and_dominates_nobody():
    losses = np.array([[math.nan, 0.0], [1.0, 1.0], [2.0, 2.0]])
    assert non_dominated(losses).tolist() == [False, True, False]
    assert not non_dominated(np.full((2, 2), math.nan)).any()
    assert non_dominated(np.zeros((0, 2))).tolist() == []


def test_equal_trials_stand_beside_each_other():
    assert non_dominated(np.array([[1.0, 1.0], [1.0, 1.0], [1.0, 2.0]])).tolist() == [
        True,
        True,
        False,
    ]


def test_the_knee_lies_farthest_below_the_line_between_the_extremes():
    front = np.array([[0.0, 1000.0], [0.1, 100.0], [0.4, 60.0], [1.0, 0.0]])
    distances = [
        (1 - x - y / 1000) / math.sqrt(2) for x, y in front
    ]  # from the line between (0, 1) and (1, 0)
    assert knee(front) == int(np.argmax(distances)) == 1


def test_the_knee_does_not_depend_on_units():
    front = np.array([[0.0, 9.0, 5.0], [1.0, 4.0, 5.0], [3.0, 3.0, 5.0], [9.0, 0.0, 5.0]])
    assert knee(front) == knee(front * [1000, 0.001, 7] + [3, -4, 1]) == 1


@pytest.mark.parametrize(
    "front",
    [
        [],
        [[1.0, 2.0]],
        [[0.0, 1.0], [1.0, 0.0]],
        [[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]],  # a straight line
        [[0.0, 1.0], [0.8, 0.8], [1.0, 0.0]],  # bent outwards
        [[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]],  # all equal
    ],
)
def test_a_front_without_a_bend_has_no_knee(front):
    assert knee(np.array(front).reshape(-1, 2)) is None
