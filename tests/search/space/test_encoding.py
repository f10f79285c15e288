"""Values as rows of numbers."""

import numpy as np

from experiments.search.space.encoding import Encoding
from tests.search.spaces import boolean, choice, floats, ints, only_if, space_of

SPACE = space_of(
    choice("optimizer", "adam", "sgd", "rmsprop"),
    floats("momentum", 0.0, 1.0, **only_if("optimizer", "sgd")),
    ints("units", 16, 64, step=16),
    choice("batch", 16, 32, 128),
    boolean("bias"),
    floats("rate", 1e-4, 1e-2, scale="log"),
)


def row(**values):
    return Encoding.of(SPACE).matrix([SPACE.canonical(values)])[0]


def test_ordered_values_lie_between_zero_and_one_by_their_place():
    first = row(optimizer="adam", units=16, batch=16, bias=False, rate=1e-4)
    last = row(optimizer="adam", units=64, batch=128, bias=True, rate=1e-2)
    assert np.allclose(first[[2, 3, 5]], 0)
    assert np.allclose(last[[2, 3, 5]], 1)
    middle = row(optimizer="adam", units=32, batch=32, bias=True, rate=1e-3)
    assert np.allclose(middle[[2, 3, 5]], [1 / 3, 0.5, 0.5])


def test_words_and_switches_are_counted_and_the_inactive_is_no_number():
    encoding = Encoding.of(SPACE)
    assert list(encoding.categorical) == [True, False, False, False, True, False]
    assert list(encoding.counts[[0, 2, 3, 4]]) == [3, 4, 3, 2]
    adam = row(optimizer="adam", units=16, batch=16, bias=True, rate=1e-4)
    sgd = row(optimizer="sgd", momentum=0.25, units=16, batch=16, bias=False, rate=1e-4)
    assert np.isnan(adam[1])
    assert sgd[1] == 0.25
    assert (adam[0], sgd[0], adam[4], sgd[4]) == (0, 1, 1, 0)


def test_a_choice_of_numbers_is_ordered_where_they_rise_or_somebody_said_so():
    space = space_of(
        choice("rising", 1, 2, 4),
        choice("falling", 0.5, 0.1),
        choice("mixed", 3, 1, 2),
        choice("said", "small", "large", ordered=True),
        choice("denied", 1, 2, 3, ordered=False),
    )
    assert list(Encoding.of(space).categorical) == [False, False, True, False, True]
    again = type(space).from_dict(space.to_dict())
    assert again == space
