"""The arithmetic of ranges where floats are unkind."""

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from experiments.search.space.hyperparameters import FloatRange, IntRange
from experiments.search.space.number_ranges import SCALES, from_unit, to_unit


@pytest.mark.parametrize("scale", SCALES)
@given(low=st.floats(1e-6, 1e3), ratio=st.floats(1.001, 1e6), unit=st.floats(0, 1))
@settings(max_examples=100)
def test_a_scale_and_its_inverse_agree(scale, low, ratio, unit):
    value = from_unit(unit, low, low * ratio, scale)
    again = from_unit(to_unit(value, low, low * ratio, scale), low, low * ratio, scale)
    assert math.isclose(again, value, rel_tol=1e-6)


@given(st.integers(-(10**12), 10**12), st.integers(0, 10**12), st.floats(0, 1))
@settings(max_examples=300)
def test_the_widest_int_ranges_decode_exactly(low, span, unit):
    high = min(low + span, 10**12)
    numbers = IntRange(name="n", min=low, max=high, scale="linear")
    value = numbers.decode(unit)
    assert low <= value <= high
    assert numbers.decode(numbers.encode(value)) == value


@given(st.integers(1, 10**6), st.integers(0, 10**12), st.sampled_from(["log", "reverse_log"]))
@settings(max_examples=300)
def test_every_end_of_a_log_int_range_decodes_exactly(low, span, scale):
    numbers = IntRange(name="n", min=low, max=low + span, scale=scale)
    assert numbers.decode(0.0) == low
    assert numbers.decode(1.0) == low + span
    for value in {low, low + span // 3, low + span // 2, low + span}:
        assert numbers.decode(numbers.encode(value)) == value


@pytest.mark.parametrize(
    ("low", "high", "step", "last"),
    [
        (0.1, 0.7, 0.2, 0.7),
        (0.0, 1.0, 0.1, 1.0),
        (0.0, 1.0, 0.3, 0.9),
        (0.0, 0.5, 0.05, 0.5),
        (1e-5, 1e-4, 1e-5, 1e-4),
        (-0.3, 0.3, 0.1, 0.3),
        (100.0, 100.3, 0.1, 100.3),
    ],
)
def test_a_linear_range_ends_where_a_person_expects(low, high, step, last):
    numbers = FloatRange(name="x", min=low, max=high, step=step, scale="linear")
    values = list(numbers.values(5))
    assert values[0] == low
    assert values[-1] == last
    assert all(len(repr(value)) <= 8 for value in values)


@given(
    st.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-6),
    st.floats(1e-9, 1e6),
    st.floats(0, 1),
)
@settings(max_examples=500)
def test_continuous_values_survive_their_coordinate(low, span, unit):
    assume(low + span != low)
    numbers = FloatRange(name="x", min=low, max=low + span, scale="linear")
    value = numbers.decode(unit)
    assert low <= value <= low + span
    assert numbers.decode(numbers.encode(value)) == value


def test_continuous_values_are_short_to_read():
    assert (
        FloatRange(name="x", min=1e-4, max=1e-1, scale="log").decode(0.123456) == 0.0002346216043
    )
