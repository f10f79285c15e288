"""Numbers as findings say them: as the tables beside them do."""

import pytest

from experiments.number_words import plain as in_tables
from experiments.search.findings.finding import plain


@pytest.mark.parametrize(
    "value", [3e-5, 2.13e-4, 1.5e-7, 0.3, 0.01, 12.5, 512.24, 2.5e6, -3e-5, 0.0]
)
def test_a_number_reads_as_in_tables(value):
    assert plain(value) == in_tables(value)


def test_switches_and_texts_are_words():
    assert (plain(True), plain("adam"), plain(64)) == ("on", "adam", "64")
