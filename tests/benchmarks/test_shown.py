"""What is shown of winners, judged: here of small searches, and of outcomes that are made up."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.evaluation import scored_searches, shown
from benchmarks.evaluation.scored_searches import Cell

CELL = Cell("linear", 60, "holdout × 5 seeds")


@pytest.fixture(autouse=True)
def small(monkeypatch, tmp_path):
    monkeypatch.setattr(scored_searches, "CACHE", tmp_path)


def test_the_search_score_is_optimistic_and_the_expected_one_less(monkeypatch):
    outcomes = [each for seed in range(6) for each in shown.play((CELL, seed))]
    assert [each.trials for each in outcomes[:3]] == list(shown.COUNTS)
    most = [each for each in outcomes if each.trials == max(shown.COUNTS)]
    assert np.mean([each.search_bias for each in most]) > 0.08
    assert abs(np.mean([each.bias for each in most])) < 0.08
    assert all(0 < each.width < 1 for each in outcomes)


def line(hits: int, searches: int, biases: list[float]) -> shown.Line:
    outcome = shown.Outcome(CELL, 20, covered=True, bias=0.0, search_bias=0.1, width=0.2)
    return shown.Line.of(
        [
            replace(outcome, covered=place < hits, bias=biases[place % len(biases)])
            for place in range(searches)
        ]
    )


@pytest.mark.parametrize(
    ("hits", "is_covering"), [(380, True), (368, True), (362, True), (350, False), (400, False)]
)
def test_coverage_is_judged_within_the_chance_of_so_many_searches(hits, is_covering):
    assert line(hits, 400, [0.0]).is_covering == is_covering


@pytest.mark.parametrize(
    ("biases", "is_unbiased"),
    [([0.005], True), ([0.012], False), ([0.3, -0.276], True), ([-0.02, -0.021], False)],
)
def test_a_bias_is_judged_within_its_standard_error(biases, is_unbiased):
    assert line(190, 200, biases).is_unbiased == is_unbiased


def test_the_table_has_the_datasets_side_by_side():
    other = replace(line(100, 200, [0.01]), cell=replace(CELL, data="mnist"))
    table = shown.markdown([line(190, 200, [0.0]), other]).splitlines()
    assert len(table) == 3
    assert table[2].startswith("| 60 | holdout × 5 seeds | 20 | 95 / 50 | +0.000 / +0.010 |")
