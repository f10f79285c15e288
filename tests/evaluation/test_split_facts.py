"""Shares of classes and spreads of targets by part."""

import json

import numpy as np
import pytest

from experiments.evaluation.protocol import Protocol
from experiments.evaluation.split_facts import SplitFacts, class_shares, target_spreads
from experiments.evaluation.splits import Split
from experiments.evaluation.splitting import deal_out


def test_stratified_folds_have_the_shares_of_the_whole():
    labels = np.repeat([0, 1, 2], [100, 300, 100])
    split = deal_out(Protocol("k_fold"), 500, labels, 0)
    shares = class_shares(labels, split, ["a", "b", "c"])
    assert [one.name for one in shares] == ["b", "a", "c"]
    for one, share in zip(shares, (0.6, 0.2, 0.2), strict=True):
        for low, high in (one.training, one.validation, one.whole):
            assert low == pytest.approx(share)
            assert high == pytest.approx(share)


def test_a_class_that_some_part_lacks_shows_its_range():
    labels = np.array([0, 0, 1, 0, 0, 1])
    split = Split.of([([0, 1, 2], [3, 4]), ([3, 4], [2, 5])], np.array([], dtype=np.int64))
    split = Split.of([tuple(np.array(rows) for rows in part) for part in split.parts], split.test)
    [many, few] = class_shares(labels, split, ["many", "few"])
    assert few.training == (0, pytest.approx(1 / 3))
    assert few.validation == (0, 1)
    assert many.whole == (pytest.approx(2 / 3),) * 2


def test_targets_in_time_drift_from_part_to_part():
    values = np.arange(100.0)
    split = deal_out(Protocol(respecting="none"), 100, None, 0)
    spreads = target_spreads(values, split)
    assert [one.use for one in spreads] == ["training", "validation", "whole dataset"]
    every = np.concatenate([*split.parts[0], split.test])
    assert sorted(every) == list(range(100))
    assert spreads[0].mean == pytest.approx(values[split.parts[0][0]].mean())
    assert spreads[1].quartiles == tuple(np.quantile(values[split.parts[0][1]], (0.25, 0.5, 0.75)))
    assert spreads[2].mean == values.mean()


def test_facts_survive_json():
    labels = np.repeat([0, 1], [50, 50])
    split = deal_out(Protocol("k_fold"), 100, labels, 0)
    facts = SplitFacts(
        parts=tuple((len(train), len(rows)) for train, rows in split.parts),
        test=20,
        classes=tuple(class_shares(labels, split, "ab")),
        targets=tuple(target_spreads(labels, split)),
        warnings=("Mind the gap.",),
    )
    assert SplitFacts.from_dict(json.loads(json.dumps(facts.to_dict()))) == facts
