"""The typed filter of trial tables; the cases are those of filter.js, its twin."""

import json
from pathlib import Path

import pytest

from experiments.web.filters import FilterError, parse_filter

pytestmark = pytest.mark.both_databases

DATA = json.loads((Path(__file__).parents[1] / "js/lib/filter-cases.json").read_text())
NAMES = frozenset(DATA["names"])


@pytest.mark.parametrize("case", DATA["cases"], ids=lambda case: case["filter"] or "empty")
def test_a_filter_keeps_the_same_rows_as_in_the_browser(case):
    parsed = parse_filter(case["filter"], NAMES)
    assert [row["number"] for row in DATA["rows"] if parsed.keeps(row)] == case["keeps"]


@pytest.mark.parametrize(
    "case", [e for e in DATA["errors"] if e["says"]], ids=lambda e: e["filter"]
)
def test_a_filter_that_cant_be_read_says_why(case):
    with pytest.raises(FilterError, match=r".+") as caught:
        parse_filter(case["filter"], NAMES)
    assert case["says"] in str(caught.value)


def test_a_filter_of_a_megabyte_is_refused():
    with pytest.raises(FilterError, match="longer"):
        parse_filter("units = 1 and " * 100_000, NAMES)
