"""What makes two rows the same row."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from experiments.evaluation.row_content import content_of

COLUMNS = {
    "size": np.array([1.5, -0.0, np.nan, 7]),
    "city": (np.array([0, 1, -1, 0]), ("Oslo", "Rome")),
    "price": np.array([10.0, 20, 30, 40]),
}


def test_the_order_of_columns_and_rows_makes_no_difference():
    content = content_of(COLUMNS)
    assert len(set(content.tolist())) == 4
    turned = dict(reversed(list(COLUMNS.items())))
    assert np.array_equal(content_of(turned), content)
    order = np.array([2, 0, 3, 1])
    codes, words = COLUMNS["city"]
    moved = {
        "city": (codes[order], words),
        **{name: COLUMNS[name][order] for name in ("size", "price")},
    }
    assert np.array_equal(content_of(moved), content[order])


def test_the_code_of_a_word_makes_no_difference():
    """Another version may have more categories, so that codes shift."""
    codes = np.array([0, 2, 0])
    one = content_of({"city": (codes, ("Oslo", "Paris", "Rome"))})
    other = content_of({"city": (np.array([1, 0, 1]), (" rome", "OSLO "))})
    assert np.array_equal(one, other)


def test_a_number_is_one_number_however_it_came():
    numbers = content_of({"a": np.array([0.1, 5, 0.0])})
    assert np.array_equal(numbers, content_of({"a": np.array([0.1, 5, -0.0], np.float32)}))
    words = (np.arange(3), ("0.1", "5.0", "0"))
    assert np.array_equal(numbers, content_of({"a": words}))
    assert np.array_equal(
        content_of({"a": np.array([np.nan, np.inf])}), content_of({"a": (np.array([-1, -1]), ())})
    )


def test_columns_that_count_rows_are_no_content_unless_there_is_nothing_else():
    values = np.array([3.0, 3.0])
    for name in ("id", "Index", "row", "patient_id", "Unnamed: 0", ""):
        first, second = content_of({"size": values, name: np.array([1.0, 2.0])})
        assert first == second, name
    for name in ("valid", "identity", "narrow"):
        first, second = content_of({"size": values, name: np.array([1.0, 2.0])})
        assert first != second, name
    first, second = content_of({"id": np.array([1.0, 2.0])})
    assert first != second


@given(st.integers(1, 9_000), st.sampled_from([np.uint8, np.int32, np.float32]))
def test_inputs_of_any_shape_count_with_their_target(n, dtype):
    inputs = np.arange(n * 4).reshape(n, 2, 2).astype(dtype)
    targets = (np.zeros(n, dtype=int), ("a", "b"))
    content = content_of({"inputs": inputs, "class": targets})
    assert len(content) == n
    again = content_of({"inputs": inputs[-1:], "class": (targets[0][-1:], ("a", "b"))})
    assert again[0] == content[-1]
    other = content_of({"inputs": inputs[-1:], "class": (np.array([1]), ("a", "b"))})
    assert other[0] != content[-1]
