"""Written numbers and dates, and back."""
# ruff: noqa: DTZ001 (a date in a file has no zone)

import subprocess
import sys
from datetime import datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments import cells
from experiments.cells import (
    DATE_FORMS,
    ISO,
    PARTS,
    date_of,
    date_text,
    expected_date,
    number_of,
    part_of,
    unit_of,
)


@pytest.mark.parametrize(
    ("text", "point", "comma"),
    [
        ("1,234.5", 1234.5, None),
        ("1.234,5", None, 1234.5),
        ("1 234", 1234.0, 1234.0),
        ("1\u202f234,5 €", None, 1234.5),
        ("1'234'567.8", 1234567.8, None),
        ("$1,234", 1234.0, 1.234),
        ("USD 1,200.50", 1200.5, None),
        ("12 %", 12.0, 12.0),
        ("(1,234)", -1234.0, -1.234),
        ("−$5", -5.0, -5.0),
        ("0,125", None, 0.125),
        ("1e-05", 1e-5, 1e-5),
        ("12,34,567", None, None),
        ("01.03.2024", None, None),
        ("A 12", None, None),
        ("", None, None),
    ],
)
def test_written_numbers_by_their_decimal_mark(text, point, comma):
    assert (number_of(text, "point"), number_of(text, "comma")) == (point, comma)


def test_units():
    assert [unit_of(text) for text in ("€5", "5 USD", "12%", "7", "red")] == [
        "€",
        "USD",
        "%",
        "",
        "",
    ]


@given(st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: round(value, 2)))
def test_thousands_are_read_as_python_writes_them(value):
    assert number_of(f"{value:,.2f}", "point") == value
    swapped = f"{value:,.2f}".replace(",", " ").replace(".", ",")
    assert number_of(swapped, "comma") == value


@pytest.mark.parametrize(
    "text",
    ["2024-03-01", "2024/3/1", "2024-03", "2024.03.01", "20240301", "2024-03-01T10:00:00+02:00",
     "2024-03-01 10:00:00.123456789", "2024-02-30", "2024-W05-1", "red", ""],
)  # fmt: skip
def test_iso_dates_are_those_of_pandas(text):
    expected = pd.to_datetime(pd.Series([text]), format=ISO, errors="coerce", utc=True)[0]
    found = date_of(text, ISO)
    if pd.isna(expected):
        assert found is None
    else:
        assert pd.Timestamp(found).floor("us") == expected.tz_localize(None).floor("us")


MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)).map(
    lambda moment: moment.replace(minute=0, second=0, microsecond=0)
)


@given(MOMENTS, st.sampled_from(DATE_FORMS), st.sets(st.sampled_from(list(PARTS)), min_size=1))
def test_a_text_with_the_same_parts_is_found_for_any_parts(moment, form, chosen):
    if form != ISO and "%H" not in form:
        moment = moment.replace(hour=0)
    parts = {part: part_of(moment, part) for part in PARTS if part in chosen}
    again = date_of(date_text(parts, form), form)
    assert {part: part_of(again, part) for part in parts} == parts


def test_parts_of_a_moment():
    moment = datetime(2024, 3, 1, 14)
    assert {part: part_of(moment, part) for part in PARTS} == {
        "year": 2024,
        "month": "March",
        "weekday": "Friday",
        "hour": 14,
        "elapsed days": (moment - datetime(2000, 1, 1)) // timedelta(days=1),
    }


def test_an_expected_date_is_one():
    for form in DATE_FORMS:
        assert date_of(expected_date(form), form)


def test_the_module_needs_the_standard_library_alone():
    code = f"import runpy; runpy.run_path({cells.__file__!r})"
    assert subprocess.run([sys.executable, "-I", "-S", "-c", code], check=False).returncode == 0
