"""Many points at once agree with their values one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.search.space.encoding import Encoding
from experiments.search.space.unit_points import Points
from tests.search.sampler_contract import MIXED
from tests.search.spaces import choice, fixed, floats, ints, only_if, space_of, spaces


@given(space=spaces(), seed=st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_places_are_those_of_the_decoded_values(space, seed):
    encoding = Encoding.of(space)
    points = Points(encoding)
    units = np.random.default_rng(seed).random((30, len(space)))
    values = [space.decode(unit) for unit in units]
    expected = encoding.matrix(values)
    # Values have ten digits, which on the narrowest ranges is a ten-thousandth of them.
    assert points.places(points.snap(units)) == pytest.approx(expected, abs=1e-3, nan_ok=True)


@given(space=spaces(), seed=st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_neighbours_are_configurations(space, seed):
    rng = np.random.default_rng(seed)
    points = Points(Encoding.of(space))
    units = points.snap(rng.random((10, len(space))))
    for unit in points.neighbours(units, rng) if len(space) else ():
        space.check(space.decode(unit))
    assert points.snap(units) == pytest.approx(units, abs=1e-9)


def test_a_neighbour_differs_in_one_hyperparameter_that_is_active():
    rng = np.random.default_rng(0)
    space = space_of(choice("a", "x", "y", "z"), ints("b", 1, 5), ints("c", 1, 100))
    points = Points(Encoding.of(space))
    units = points.snap(rng.random((200, 3)))
    moved = points.neighbours(units, rng)
    differs = (units != moved).sum(axis=1)
    assert set(differs) <= {0, 1}  # at an end a step outwards stays
    assert (differs == 1).mean() > 0.8


def test_a_category_moves_to_any_other_and_never_stays():
    rng = np.random.default_rng(0)
    points = Points(Encoding.of(space_of(choice("a", "x", "y", "z"))))
    start = points.snap(np.full((300, 1), 0.5))
    places = points.places(points.neighbours(start, rng))[:, 0]
    assert set(places) == {0.0, 2.0}


def test_a_move_makes_what_depends_on_it_active_anywhere_in_its_range():
    rng = np.random.default_rng(0)
    space = space_of(choice("a", "x", "y"), floats("f", 0, 1, **only_if("a", "y")))
    points = Points(Encoding.of(space))
    start = points.snap(np.full((300, 2), 0.2))
    depth = points.places(points.neighbours(start, rng))[:, 1]
    assert np.isfinite(depth).all()
    assert depth.min() < 0.1 and depth.max() > 0.9


def test_a_condition_on_a_fixed_value_holds_or_does_not():
    space = space_of(
        fixed("kind", "deep"),
        ints("on", 1, 9, **only_if("kind", "deep")),
        choice("off", 1, 2, **only_if("on", 1)),
    )
    points = Points(Encoding.of(space))
    active = points.active(points.snap(np.array([[0.0, 0.5], [0.9, 0.5]])))
    assert active.tolist() == [[True, True], [True, False]]


def test_log_whole_numbers_without_a_step_snap_to_their_stretches():
    space = space_of(ints("n", 1, 10**5, scale="log"), ints("m", 1, 300, scale="reverse_log"))
    encoding = Encoding.of(space)
    points = Points(encoding)
    units = np.random.default_rng(0).random((500, 2))
    snapped = points.snap(units)
    again = [space.decode(unit) for unit in snapped]
    assert again == [space.decode(unit) for unit in units]
    assert points.places(snapped) == pytest.approx(encoding.matrix(again), abs=1e-9)


def test_marks_of_mixed_points_match_their_values():
    from experiments.search.models.acquisition import marks

    rng = np.random.default_rng(0)
    encoding = Encoding.of(MIXED)
    points = Points(encoding)
    units = points.snap(rng.random((200, len(MIXED))))
    values = [MIXED.decode(unit) for unit in units]
    assert marks(points.places(units)) == marks(encoding.matrix(values))
    assert len(set(marks(points.places(units)))) == len({MIXED.key(value) for value in values})
