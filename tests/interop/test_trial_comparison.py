"""Which trials of two copies of a search are the same, and what is said of those that aren't."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from experiments.interop.trial_comparison import LISTED, TrialFacts, compare

ENDED = TrialFacts(
    key="3",
    values={"x": 1, "kind": "a"},
    state="completed",
    score=0.5,
    metrics={"loss": 0.5, "acc": 0.9},
    epochs=2,
    started=datetime(2026, 1, 1, tzinfo=UTC),
    is_open=False,
    curves={"loss": [0.7, 0.5]},
)
RUNNING = replace(
    ENDED, state="stopped", score=None, metrics={}, epochs=1, is_open=True, curves={"loss": [0.7]}
)
LATER = datetime(2026, 1, 2, tzinfo=UTC)


def compared(here, there, *, by_values=False):
    return compare([here], [there], by_values=by_values)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"state": "failed"}, "failed now, completed when it was imported."),
        ({"score": None}, "score none now, 0.5 when it was imported."),
        ({"score": 0.50001}, "score 0.50001 now, 0.5 when it was imported."),
        ({"metrics": {"loss": 0.5}}, "acc none now, 0.9 when it was imported."),
        ({"epochs": 3}, "3 epochs now, 2 when it was imported."),
        ({"curves": {"loss": [0.6, 0.5]}}, "loss of epoch 1 is another one"),
        ({"curves": {}}, "loss of epoch 1 is another one"),
    ],
)
def test_the_result_of_an_ended_trial_may_not_change(changed, words):
    found = compared(ENDED, replace(ENDED, **changed))
    assert (found.different, found.is_alike, found.same) == (1, True, 0)
    assert found.differences[0].startswith(f"Trial 3: {words}")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"values": {"x": 2, "kind": "a"}}, "x is 2 now, 1 when it was imported."),
        ({"values": {"x": 1}}, "has a value of kind only then."),
        ({"values": {"x": 1, "kind": "a", "y": 1}}, "has a value of y only now."),
        ({"started": LATER}, "started at another time."),
    ],
)
def test_other_values_or_another_start_are_another_trial(changed, words):
    found = compared(ENDED, replace(ENDED, **changed))
    assert (found.different, found.is_alike) == (1, False)
    assert found.differences == [f"Trial 3: {words}"]


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"started": None},
        {"values": {"x": "1", "kind": "a"}},  # a table whose column became text
        {"curves": None},
        {"is_open": True, "state": "stopped", "score": None},  # an older copy
    ],
)
def test_the_same_trial_stays_unchanged(changed):
    found = compared(ENDED, replace(ENDED, **changed))
    assert (found.unchanged, found.same, found.different) == (1, 1, 0)


def test_a_running_trial_ends_goes_on_or_stays():
    assert compared(RUNNING, ENDED).completed == 1
    assert compared(RUNNING, replace(RUNNING, epochs=2)).continued == 1
    assert compared(RUNNING, RUNNING).unchanged == 1
    assert compared(RUNNING, ENDED).renewed == {0: 0}
    more = replace(ENDED, values={**ENDED.values, "late": 3})
    assert compared(RUNNING, more).completed == 1


def test_what_a_running_trial_had_is_still_there():
    found = compared(RUNNING, replace(ENDED, curves={"loss": [0.9, 0.5]}))
    assert (found.different, found.is_alike) == (1, True)


def test_a_trial_that_began_anew_proves_nothing():
    found = compared(RUNNING, replace(ENDED, started=LATER))
    assert (found.completed, found.same, found.different) == (1, 0, 0)


def test_repeats_of_one_configuration_are_paired_by_their_results():
    here = [replace(ENDED, key=str(n), score=score) for n, score in enumerate((0.1, 0.2, 0.3))]
    turned = [replace(each, key=f"t{each.key}") for each in reversed(here)]
    found = compare(here, turned, by_values=True)
    assert (found.unchanged, found.added, found.different) == (3, [], 0)
    more = compare(here, [*turned, replace(ENDED, score=0.4)], by_values=True)
    assert (more.unchanged, more.added) == (3, [3])
    changed = compare(here, [*turned[:2], replace(ENDED, score=0.4)], by_values=True)
    assert (changed.unchanged, changed.different, changed.added) == (2, 1, [])


def test_only_the_first_differences_are_put_into_words():
    here = [replace(ENDED, key=str(n)) for n in range(LISTED + 5)]
    found = compare(here, [replace(each, score=1.0) for each in here], by_values=False)
    assert (found.different, len(found.differences)) == (LISTED + 5, LISTED)
