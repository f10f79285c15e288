"""Numbers, times and states as pages show them; the cases are those of format.js, its twin."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from experiments import number_words
from experiments.templatetags import display

CASES = json.loads((Path(__file__).parents[1] / "js/lib/format-cases.json").read_text())


@pytest.mark.parametrize("name", sorted(CASES))
def test_numbers_read_as_in_the_browser(name):
    shown = [getattr(number_words, name)(value) for value, _ in CASES[name]]
    assert shown == [text for _, text in CASES[name]]


def test_sizes_use_decimal_units():
    assert [number_words.size(n) for n in (12, 3200, 3_200_000_000)] == [
        "12 B",
        "3.2 kB",
        "3.2 GB",
    ]


def test_a_state_is_told_by_shape_and_word():
    html = display.state("failed")
    assert "#x" in html and "Failed" in html and "state-failed" in html
    assert "visually-hidden" in display.state_icon("failed")


def test_a_score_says_what_its_spread_is_of():
    html = display.score(0.97841, 0.0013, 5)
    assert ">0.9784<" in html and "± 0.0013" in html and "over 5 executions" in html
    assert 'title="0.97841"' in html


def test_ages_are_short():
    now = timezone.now()
    assert display.ago(now) == "just now"
    assert display.ago(now - timedelta(minutes=5)) == "5 min ago"
    assert display.ago(now - timedelta(hours=2, minutes=10)) == "2 h ago"


def test_a_range_names_its_unit_once():
    assert display.duration_range((720, 1080)) == "12–18 min"
    assert display.duration_range((0, 1800)) == "up to 30 min"


@pytest.mark.parametrize(
    ("code", "words"),
    [("<f4", "float32"), (">i8", "int64"), ("|u1", "uint8"), ("|b1", "bool"), ("<U5", "text")],
)
def test_the_type_of_an_array_is_told_by_its_known_name(code, words):
    assert display.array_type(code) == words


def test_a_long_name_breaks_after_an_underscore_and_stays_escaped():
    assert display.breakable("sparse_<b>") == "sparse_<wbr>&lt;b&gt;"


def test_numbers_of_a_column_align():
    shown = [number_words.decimals(value, 3) for value in (0.5, 12.0, None, float("nan"))]
    assert shown == ["0.500", "12.000", "–", "NaN"]


def test_a_short_stamp_names_day_and_minute():
    moment = timezone.now().replace(month=11, day=25)
    assert display.short_stamp(moment).startswith("25 Nov, ")
    assert display.short_stamp(None) == "–"


def test_a_time_far_below_a_second_is_told_in_milliseconds():
    assert [number_words.brief(seconds) for seconds in (0.0004, 0.02, 0.9996, 1.5, 90, None)] == [
        "1 ms", "20 ms", "1000 ms", "1.5 s", "90 s", "–",
    ]  # fmt: skip
