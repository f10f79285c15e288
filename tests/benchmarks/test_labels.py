"""Verdicts on baselines, counted: here of small searches, and of verdicts that are made up."""

from dataclasses import replace

import pytest

from benchmarks.evaluation import labels, scored_searches
from benchmarks.evaluation.scored_searches import Cell

CELL = Cell("clusters", 120, "2 folds")


@pytest.fixture(autouse=True)
def small(monkeypatch, tmp_path):
    monkeypatch.setattr(scored_searches, "CACHE", tmp_path)


def test_what_can_be_learnt_beats_the_baseline_and_shuffled_labels_do_not():
    found = labels.simulated_labels(2, [CELL, replace(CELL, shuffled=True)])
    healthy, shuffled = found["table"].splitlines()[2].split(" | ")[2:]
    assert healthy == "0.0 / 0.0 / 0.0"
    assert shuffled.removesuffix(" |").split(" / ").count("100.0") < 3


@pytest.mark.parametrize(("wrong", "is_met"), [(0, True), (5, True), (8, True), (14, False)])
def test_wrong_verdicts_are_judged_within_chance(wrong, is_met):
    verdict = labels.Verdict(CELL, 20, nothing_beats=False)
    verdicts = [replace(verdict, nothing_beats=place < wrong) for place in range(100)]
    assert labels.Line.of(verdicts).wrong == wrong
    assert labels.Line.of(verdicts).is_met == is_met
