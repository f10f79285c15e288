"""An all-clear can't be said without what it rests on."""

import json

import pytest

from experiments.check_outcomes import (
    Check,
    CheckList,
    Found,
    NotChecked,
    NotFound,
    found_or,
    read,
    stored,
)

CLEAR = Check("Leaks", NotFound(("150 rows compared",)))
OPEN = Check("Boundaries", NotChecked("It needs 25 trials; there are 3", "25 trials"))
BAD = Check("Failures", Found(("a region",)))


@pytest.mark.parametrize("rests_on", [(), ("",), ("  ", "")])
def test_nothing_found_without_evidence_can_not_be_made(rests_on):
    with pytest.raises(ValueError, match="what it rests on"):
        NotFound(rests_on)


def test_found_needs_a_thing_and_not_checked_a_reason():
    with pytest.raises(ValueError, match="NotFound"):
        Found(())
    with pytest.raises(ValueError, match="why"):
        NotChecked(" ")


@pytest.mark.parametrize(
    ("checks", "sentence", "is_clear"),
    [
        ((), "Not checked yet.", False),
        ((OPEN,), "Not checked yet.", False),
        ((CLEAR,), "No findings in 1 check.", True),
        ((CLEAR, CLEAR, OPEN), "No findings in 2 checks; 1 could not be made.", True),
        ((CLEAR, BAD), "1 of 2 checks found something.", False),
        ((BAD, OPEN), "1 of 1 check found something; 1 could not be made.", False),
    ],
)
def test_the_sentence_follows_from_the_outcomes(checks, sentence, is_clear):
    found = CheckList(checks)
    assert (found.sentence, found.is_clear) == (sentence, is_clear)


def test_each_check_says_what_it_rests_on_or_why_not_and_what_is_needed():
    assert CLEAR.to_dict() == {
        "title": "Leaks",
        "result": "not_found",
        "words": "150 rows compared",
        "needs": "",
    }
    assert (OPEN.result, OPEN.needs) == ("not_checked", "25 trials")
    assert OPEN.words == "It needs 25 trials; there are 3"


@pytest.mark.parametrize("check", [CLEAR, OPEN])
def test_an_outcome_is_kept_as_json(check):
    assert read(json.loads(json.dumps(stored(check.outcome)))) == check.outcome


def test_of_what_was_found_the_number_is_kept():
    assert Check("x", read(stored(Found((1, 2, 3))))).words == "3 found"


@pytest.mark.parametrize("kept", [{}, {"result": "not_found", "rests_on": []}, {"result": "x"}])
def test_what_can_not_be_read_was_not_checked(kept):
    assert isinstance(read(kept), NotChecked)


def test_found_or_the_other():
    assert found_or([1], CLEAR.outcome) == Found((1,))
    assert found_or([], OPEN.outcome) is OPEN.outcome
