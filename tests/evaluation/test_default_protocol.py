"""The protocol of a first search."""

import pytest

from experiments.evaluation.default_protocol import default_protocol
from experiments.evaluation.splitting import deal_out


@pytest.mark.parametrize(
    ("rows", "classes", "words"),
    [
        (9_999, None, "5-fold"),
        (10_000, None, "holdout 80/20"),
        (150, [50, 50, 50], "5-fold"),
        (60, [54, 6], "5-fold"),
        (59, [54, 5], "4-fold"),
        (58, [54, 4], "3-fold"),
        (57, [54, 3], "holdout 80/20 × 3 seeds"),
        (2_000, [1_997, 3], "holdout 80/20"),
        (60_000, [59_996, 4], "holdout 80/20"),
        (500, [], "5-fold"),
        (500, [0, 500], "5-fold"),
    ],
)
def test_small_data_is_cut_into_folds_and_a_small_class_into_fewer(rows, classes, words):
    protocol = default_protocol(rows, classes=classes)
    assert protocol.words == words
    assert protocol.respecting == ("none" if classes is None else "classes")
    assert protocol.locked_test_share == 0.2


def test_a_class_that_cannot_be_in_every_part_keeps_no_share():
    assert default_protocol(200, classes=[198, 2]).respecting == "none"
    assert default_protocol(200, classes=[197, 3]).respecting == "classes"


def test_a_test_part_of_its_own_is_locked_and_takes_no_row_of_a_class():
    protocol = default_protocol(59, classes=[54, 5], brings_test=True)
    assert (protocol.locked_test_share, protocol.words) == (None, "5-fold")


@pytest.mark.parametrize(
    "counts", [(40, 40), (30, 6), (30, 5), (30, 4), (30, 3), (30, 2), (30, 1)]
)
@pytest.mark.parametrize("brings_test", [True, False])
def test_the_default_deals_any_classes_out(counts, brings_test):
    labels = [label for label, count in enumerate(counts) for _ in range(count)]
    protocol = default_protocol(len(labels), classes=counts, brings_test=brings_test)
    assert deal_out(protocol, len(labels), labels, 0).parts
