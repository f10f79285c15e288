"""Tests over rows: their level where nothing differs, and that they find what does."""

import numpy as np
import pytest

from experiments.evaluation.cross_epochs import CrossEpochs
from experiments.evaluation.expected import RowTable
from experiments.evaluation.row_tests import p_of_none_better, tie_group_by_rows


def table(rights, units=None):
    """Of trials that get rows right or wrong: (trials, rows)."""
    scores = np.asarray(rights, float)
    rows = np.arange(scores.shape[1])
    return RowTable.of(range(len(scores)), [(rows, scores, scores)], units)


def alike(rng, trials, rows, share):
    """Trials of one truth that agree in most rows, as configurations of one model do."""
    common = rng.random(rows) < share
    odd = rng.random((trials, rows)) < 0.2
    return np.where(odd, rng.random((trials, rows)) < share, common)


def trained(rng, shares, rows, epochs=30):
    """Of trials whose epochs get such shares of the rows right, each its own rows: `shares` has one a trial."""
    shown, fair = [], []
    for share in shares:
        curve = (rng.random((epochs, rows)) < share).astype(float)
        follower = CrossEpochs(rows, higher_is_better=True)
        for scores in curve:
            follower.see(scores)
        shown.append(curve[curve.mean(axis=1).argmax()])
        fair.append(follower.scores)
    executions = [(np.arange(rows), np.array(shown), np.array(fair))]
    return RowTable.of(range(len(shares)), executions)


@pytest.mark.parametrize("trials", [1, 20])
def test_noise_that_epochs_are_chosen_by_makes_no_trial_better(trials):
    """Seen on shuffled labels: better than the linear model in 15 of 100 searches of 50 trials."""
    rng = np.random.default_rng(5)
    found = 0
    for _ in range(100):
        equals = [trained(rng, [0.5] * count, 100) for count in (trials, 1)]
        found += p_of_none_better(*equals) <= 0.05
    assert found <= 11  # of 5 expected at most, with a chance of 1 %


def test_a_trial_that_is_better_at_all_epochs_is_found():
    rng = np.random.default_rng(6)
    baseline = trained(rng, [0.6], 200)
    assert p_of_none_better(trained(rng, [0.6, 0.85], 200), baseline) <= 0.05


def test_noise_that_epochs_are_chosen_by_takes_no_trial_out_of_the_group():
    rng = np.random.default_rng(7)
    groups = [tie_group_by_rows(trained(rng, [0.5] * 20, 100)) for _ in range(30)]
    assert np.mean([len(each.members) for each in groups]) >= 19


@pytest.mark.parametrize("trials", [1, 20])
def test_equals_are_called_better_in_five_of_a_hundred_searches_at_most(trials):
    rng = np.random.default_rng(0)
    found = 0
    for _ in range(150):
        rights = alike(rng, trials + 1, 120, 0.6)
        found += p_of_none_better(table(rights[1:]), table(rights[:1])) <= 0.05
    assert found <= 14  # of 7.5 expected at most, with a chance of 1 %


def test_one_fit_shows_what_is_far_better_than_a_constant():
    """Seen: .958 against .333, and "No configuration beats a baseline"."""
    rng = np.random.default_rng(1)
    rights = rng.random((10, 48)) < 0.95
    constant = (np.arange(48) % 3 == 0).astype(float)
    assert p_of_none_better(table(rights), table([constant])) < 0.01


def test_trials_that_are_not_in_the_table_are_paid_for():
    rng = np.random.default_rng(2)
    rights = rng.random((5, 60)) < 0.66
    constant = rng.random(60) < 0.5
    few = p_of_none_better(table(rights), table([constant]))
    assert few < p_of_none_better(table(rights), table([constant]), of=100)


@pytest.mark.parametrize("of", [200, 10_000, 40_000])
def test_many_trials_over_many_rows_can_still_be_better(of):
    """The price of trials outside of the table must not exceed what so few flips can show."""
    rng = np.random.default_rng(4)
    rights = rng.random((200, 10_000)) < 0.95
    constant = rng.random(10_000) < 0.1
    assert p_of_none_better(table(rights), table([constant]), of=of) <= 0.05


def test_nothing_differs_from_itself_and_worse_is_never_better():
    rights = np.ones((3, 30))
    assert p_of_none_better(table(rights), table(np.ones((1, 30)))) == 1.0
    assert p_of_none_better(table(np.zeros((3, 30))), table(np.ones((1, 30)))) > 0.9


def test_rows_that_belong_together_count_once():
    """Copies of one row are no evidence that any other row would agree."""
    rights = np.repeat([[1.0, 1.0, 1.0, 0.0]], 30, axis=1)
    constant = np.repeat([0.0, 0.0, 0.0, 1.0], 30)
    units = np.repeat(np.arange(4), 30)
    loose = p_of_none_better(table(rights), table([constant]))
    grouped = table(rights, units)
    assert loose < 0.01
    assert p_of_none_better(grouped, table([constant], units)) > 0.2


def test_the_truly_best_is_in_the_group_and_the_far_worse_are_not():
    rng = np.random.default_rng(3)
    misses = 0
    for _ in range(100):
        rights = alike(rng, 20, 200, 0.8)
        rights[10:] &= rng.random((10, 200)) < 0.7  # ten that are far worse
        group = tie_group_by_rows(table(rights))
        assert group.members[0] == group.best and group.rows == 200 and group.is_tested
        misses += 0 not in group.members
        assert len({*group.members} & {*range(10, 20)}) <= 2
    assert misses <= 11  # 95 % of the sets hold each of the equally best


def test_equal_scores_are_tied_and_a_single_trial_is_alone():
    same = tie_group_by_rows(table(np.ones((4, 20))), executions=2)
    assert same.members == (0, 1, 2, 3) and same.executions == 2
    assert tie_group_by_rows(table(np.ones((1, 20)))).members == (0,)
