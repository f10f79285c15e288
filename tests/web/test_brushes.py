"""Brushed columns: the same cases as its twin in the browser."""

import json
from pathlib import Path

import pytest

from experiments.web.brushes import LONGEST, Brush, read_brushes

CASES = json.loads(
    (Path(__file__).parents[1] / "js" / "lib" / "brush-cases.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["brush"])
def test_keeps_what_its_twin_keeps(case):
    brushes = read_brushes(case["brush"])
    kept = [
        row["number"]
        for row in CASES["rows"]
        if all(brush.holds(row[key]) for key, brush in brushes.items())
    ]
    assert kept == case["keeps"]


@pytest.mark.parametrize("text", CASES["unreadable"])
def test_what_cannot_be_read_brushes_nothing(text):
    assert read_brushes(text) == {}


def test_a_range_ends_on_what_the_browser_showed():
    assert read_brushes("score:0.9731235..1")["score"].holds(0.97312345678)
    assert not Brush(ranges=((0.0, 1.0),)).holds(float("nan"))


def test_a_long_brush_is_cut():
    assert len(read_brushes("".join(f"c{n}:1..2;" for n in range(LONGEST)))) < LONGEST
