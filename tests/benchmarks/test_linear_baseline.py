"""What is said of winners beside the linear model, judged: here of small searches, and of verdicts that are made up."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.evaluation import linear_baseline, scored_searches
from benchmarks.evaluation.linear_baseline import Line, Verdict
from benchmarks.evaluation.scored_searches import COUNTS, Cell, kept_search

CELL = Cell("clusters", 120, "2 folds")
VERDICT = Verdict(CELL, 20, "undecided", 0.0)


@pytest.fixture(autouse=True)
def small(monkeypatch, tmp_path):
    monkeypatch.setattr(scored_searches, "CACHE", tmp_path)


def test_winners_are_judged_by_the_truth_of_their_own_search():
    verdicts = linear_baseline.judge((CELL, 0))
    search = kept_search(CELL, 0)
    assert [each.trials for each in verdicts] == list(COUNTS)
    known = {float(each.mean()) for each in search.truth if not np.isnan(each).any()}
    beside = float(search.linear_truth.mean())
    assert {each.gain for each in verdicts} == {each - beside for each in known}


def test_what_no_line_can_part_is_lost_on_the_linear_model():
    said = linear_baseline.judge((Cell("clusters", 300, "5 folds"), 0))
    assert (said[-1].said, said[-1].gain > 0.03) == ("better", True)


def test_the_linear_model_is_no_better_than_itself():
    search = kept_search(CELL, 0)
    itself = replace(
        search,
        scores=[each[None] for each in search.linear],
        truth=search.linear_truth[None],
    )
    table = linear_baseline.linear_table(search)
    assert linear_baseline.verdict(CELL, itself, table, table) == Verdict(CELL, 1, "worse", 0.0)


def test_each_share_is_of_the_winners_that_it_is_about():
    said = [
        ("better", 0.0),  # wrong
        ("worse", -0.01),
        ("undecided", -0.1),
        ("better", 0.01),
        ("worse", 0.02),
        ("worse", 0.025),  # lost
        ("worse", 0.03),  # lost, and not seen
        ("better", 0.04),  # seen
        ("undecided", 0.05),
    ]
    line = Line.of([replace(VERDICT, said=outcome, gain=gain) for outcome, gain in said])
    assert (f"{line.wrong}", f"{line.lost}", f"{line.seen}") == ("1 of 3", "2 of 4", "1 of 3")


@pytest.mark.parametrize(("wrong", "is_met"), [(0, True), (5, True), (8, True), (14, False)])
def test_wrong_verdicts_are_judged_within_chance(wrong, is_met):
    verdicts = [
        replace(VERDICT, said="better" if place < wrong else "worse") for place in range(100)
    ]
    assert Line.of(verdicts).is_met == is_met


def test_the_table_has_healthy_and_shuffled_searches_side_by_side():
    found = linear_baseline.beside_linear_models(1, [CELL, replace(CELL, shuffled=True)])
    table = found["table"].splitlines()
    assert len(table) == 3
    cells = [each.strip().split(" / ") for each in table[2].strip("|").split("|")]
    assert cells[:2] == [["120"], ["2 folds"]]
    assert [len(each) for each in cells[2:]] == [len(COUNTS)] * 4
