"""A split as bars."""

import itertools

import numpy as np
import pytest

from experiments.evaluation.protocol import Protocol
from experiments.evaluation.split_facts import SplitFacts
from experiments.evaluation.splits import Brought
from experiments.evaluation.splitting import deal_out
from experiments.web.forms.experiment.split_picture import split_picture


def picture(protocol, rows=120):
    keys = np.arange(rows) // 3
    brought = Brought(keys, validation_rows=rows // 4)
    split = deal_out(protocol, rows, np.arange(rows) % 3, 0, brought=brought)
    parts = tuple((len(train), len(validation)) for train, validation in split.parts)
    return split_picture(protocol, SplitFacts(parts, len(split.test))), parts, len(split.test)


@pytest.mark.parametrize(
    ("kind", "respecting"),
    [
        *((kind, "classes") for kind in ("holdout", "k_fold", "subsampling", "fixed")),
        *((kind, "groups") for kind in ("holdout", "k_fold", "subsampling")),
        *((kind, "time") for kind in ("holdout", "k_fold")),
    ],
)
@pytest.mark.parametrize("share", [0.0, 0.2])
def test_every_line_shows_each_row_once_and_its_part_in_proportion(kind, respecting, share):
    protocol = Protocol(kind, respecting=respecting, column="key", locked_test_share=share)
    drawn, parts, test = picture(protocol)
    lines = sorted({bar.y for bar in drawn.bars})
    assert len(lines) == len(parts)
    rest = 120 - test
    for y, (train, validation) in zip(lines, parts, strict=True):
        line = [bar for bar in drawn.bars if bar.y == y]
        assert sum(bar.width for bar in line) == pytest.approx(100, abs=0.1)
        of = {"train": train, "validation": validation, "test": test}
        of["unused"] = rest - train - validation
        for use, rows in of.items():
            width = sum(bar.width for bar in line if bar.kind == use)
            assert width == pytest.approx(100 * rows / 120, abs=0.1)
        for before, after in itertools.pairwise(line):
            assert after.x == pytest.approx(before.x + before.width, abs=0.01)


def test_folds_lie_side_by_side_and_rounds_do_not():
    folds, *_ = picture(Protocol("k_fold", locked_test_share=0))
    starts = [bar.x for bar in folds.bars if bar.kind == "validation"]
    assert starts == [0, 20, 40, 60, 80]
    rounds, *_ = picture(Protocol("subsampling"))
    starts = [bar.x for bar in rounds.bars if bar.kind == "validation"]
    assert len(set(starts)) == 5


def test_the_legend_counts_rows_as_they_were_dealt():
    drawn, *_ = picture(Protocol("k_fold", folds=4, respecting="time", column="key"))
    keys = {key.label: key.rows for key in drawn.keys}
    assert keys["Locked test set"] == "24"
    assert keys["Training"] == "18–78"
    assert keys["Used in other splits only"] == "0–57"
    assert "Ordered by key" in drawn.about


@pytest.mark.parametrize("kind", ["holdout", "k_fold", "subsampling"])
def test_the_words_say_that_classes_keep_their_share(kind):
    kept, *_ = picture(Protocol(kind, respecting="classes"))
    mixed, *_ = picture(Protocol(kind, respecting="none"))
    assert "stratified by class" in kept.about
    assert "class" not in mixed.about
