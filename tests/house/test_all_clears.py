"""No text says that a check found nothing, but those that are made from the check's evidence."""

import re

import pytest

from tests.house.test_words import READERS, is_text, read, shown

# What a sentence of `CheckList` says, in the ways in which one could write it by hand.
ALL_CLEAR = re.compile(
    r"\bno (findings?|data warnings|(problems?|issues?|warnings?|leaks?|errors?) (were |was )?found)\b"
    r"|\bnothing (speaks against|stands out|(was |were )?found|to report|to worry)"
    r"|\b(all|every|the) checks? (is |are |was |were )?(passed|clear|fine|ok)\b"
    r"|\b(looks|everything is|all is) (good|fine|healthy|ok)\b"
    r"|\bno (region fails|sign of|overfitting|underfitting|problems?[.!])",
    re.IGNORECASE,
)
SOURCE = "experiments/check_outcomes.py"


def said_in(name: str) -> list[str]:
    """The all-clears in the texts of a file that a person may see."""
    texts = READERS[name[name.rindex(".") :]](read(name))
    flat = [" ".join(text.split()) for text in texts if is_text(text)]
    return [hit[0] for text in flat for hit in ALL_CLEAR.finditer(text)]


def test_an_all_clear_is_made_from_its_evidence():
    written = [name for name in shown() if not name.startswith(("docs/", "README.md"))]
    said = {name: found for name in written if (found := said_in(name))}
    assert said == {SOURCE: ["No findings"]}, (
        "say it with CheckList.sentence, which needs evidence"
    )


@pytest.mark.parametrize(
    "sentence",
    [
        "No findings.",
        "No problem found in what was checked.",
        "Nothing speaks against it.",
        "The check passed.",
        "Everything is fine.",
        "no region fails",
    ],
)
def test_an_all_clear_by_hand_is_noticed(sentence):
    assert ALL_CLEAR.search(sentence)
