"""Copies, groups and classes that a split tears apart, and how long it takes to find them."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.evaluation.protocol import Protocol
from experiments.evaluation.split_warnings import (
    class_warnings,
    copies_words,
    group_words,
    same_rows,
    target_warnings,
    torn,
)
from experiments.evaluation.splits import Split
from experiments.evaluation.splitting import deal_out
from tests.steps import steps_of


def rows(*numbers):
    return np.array(numbers, dtype=np.int64)


def test_copies_are_rows_with_the_same_bytes_in_every_array():
    numbers = np.array([[1.0, np.nan], [1.0, np.nan], [2.0, 0.0], [1.0, np.nan]], dtype="f4")
    categories = np.array([[0], [0], [0], [1]], dtype="i4")
    codes = same_rows([numbers, categories])
    assert codes[0] == codes[1] >= 0
    assert codes[2] == codes[3] == -1


@given(st.lists(st.integers(-1, 5), min_size=6, max_size=40), st.integers(0, 2**32))
@settings(max_examples=200, deadline=None)
def test_what_is_torn_is_counted_as_by_looking_at_every_pair(codes, seed):
    codes = np.array(codes)
    kind = ("holdout", "k_fold", "subsampling")[seed % 3]
    protocol = Protocol(kind, folds=2, rounds=2, locked_test_share=0.2, respecting="none")
    split = deal_out(protocol, len(codes), None, seed)
    found = torn(codes, split)
    validated, tested, kinds = set(), set(), set()
    for train, validation in split.parts:
        for row in validation:
            if codes[row] >= 0 and codes[row] in codes[train]:
                validated.add(row)
                kinds.add(codes[row])
        for row in split.test:
            if codes[row] >= 0 and codes[row] in codes[np.concatenate([train, validation])]:
                tested.add(row)
                kinds.add(codes[row])
    assert (found.kinds, found.validation_rows, found.test_rows) == (
        len(kinds), len(validated), len(tested),
    )  # fmt: skip


def test_what_is_torn_is_told_with_its_mend():
    split = Split.of([(rows(0, 1, 2), rows(3, 4))], rows(5))
    found = torn(rows(7, 1, -1, 7, 7, 1), split)
    words = copies_words(found)
    assert "2 validation rows and 1 locked test row have an exact copy" in words
    assert "2 of 9 values of patient" in group_words("patient", found, 9)
    whole = torn(rows(-1, -1, -1, -1, -1, -1), split)
    assert copies_words(whole) == group_words("patient", whole, 9) == ""


def test_a_class_that_a_part_lacks_is_named():
    parts = [(rows(0, 1), rows(2, 3)), (rows(2, 3), rows(0, 1))]
    found = list(class_warnings(rows(0, 1, 0, 2), Split.of(parts, rows()), ["a", "b", "c"]))
    assert found == [
        "2 of 2 folds have no validation rows of “b”, “c”. Use the stratified split, fewer folds, or merge rare classes.",
        "2 of 2 folds have no training rows of “b”, “c”. Use the stratified split, fewer folds, or merge rare classes.",
    ]
    assert not list(class_warnings(rows(0, 1, 0, 1), Split.of(parts, rows()), ["a", "b"]))


def test_a_target_that_is_constant_in_a_part_is_told():
    split = Split.of([(rows(0, 1), rows(2, 3))], rows())
    [words] = target_warnings(np.array([1.0, 2.0, 5.0, 5.0]), split)
    assert words.startswith("In fold 1 the target is 5 in every validation row")
    assert not list(target_warnings(np.array([1.0, 2.0, 5.0, 6.0]), split))


def test_seventy_thousand_pictures_take_few_steps_each():
    pictures = np.random.default_rng(0).integers(0, 256, (70_000, 28, 28), dtype=np.uint8)
    pictures[69_999] = pictures[0]
    split = deal_out(Protocol("k_fold"), 70_000, np.arange(70_000) % 10, 0)
    assert steps_of(lambda: torn(same_rows([pictures]), split)) < 8 * 70_000
    codes = same_rows([pictures])
    assert (codes >= 0).sum() == 2
    assert torn(codes, split).kinds <= 1
