"""The expected score of a search's winner on new rows, against simulated truth."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.evaluation.expected import (
    Expected,
    MetricScores,
    RowTable,
    choice_of_best,
    expected_scores,
)
from experiments.evaluation.row_estimates import Estimate, Measure, estimate_around

SHARE = Measure(higher_is_better=True, scale="share")
LOSS = Measure(higher_is_better=False, scale="loss")


def table(shown, fair=None):
    shown = np.asarray(shown, float)
    rows = np.arange(shown.shape[1])
    return RowTable.of(
        range(len(shown)), [(rows, shown, shown if fair is None else np.asarray(fair, float))]
    )


def expected(of, measure=SHARE, **tried):
    return expected_scores(of, choice_of_best(of, **tried), measure)


def test_executions_count_equally_and_so_do_their_rows():
    parts = [
        (np.array([0, 1, 2]), np.array([[1.0, 0, 0]]), np.array([[1.0, 0, 0]])),
        (np.array([3]), np.array([[1.0]]), np.array([[0.0]])),
    ]
    found = RowTable.of([7], parts)
    assert found.shown @ found.weights == pytest.approx([(1 / 3 + 1) / 2])
    assert found.fair @ found.weights == pytest.approx([1 / 6])
    assert found.rows == 4


def test_repeats_of_a_row_and_rows_of_a_group_are_one_unit():
    rows = np.array([0, 1, 2, 3])
    once = np.array([[1.0, 0, 1, 0]])
    twice = RowTable.of([0], [(rows, once, once), (rows, 1 - once, 1 - once)])
    assert len(twice.weights) == 4 and twice.shown.tolist() == [[0.5] * 4]
    grouped = RowTable.of([0], [(rows, once, once)], units=np.array([5, 5, 9, 9]))
    assert grouped.shown.tolist() == [[0.5, 0.5]] and grouped.rows == 4


def test_the_best_of_many_equal_trials_pays_for_the_choice():
    """Truth .7 for each: the best of 30 looks far better, what is expected of it does not."""
    rng = np.random.default_rng(0)
    shown, said, covers = [], [], 0
    for _ in range(60):
        found = table(rng.random((30, 150)) < 0.7)
        winner = int(found.shown.mean(axis=1).argmax())
        mine = expected(found)[winner]
        shown.append(found.shown[winner].mean())
        said.append(mine.value)
        covers += mine.low <= 0.7 <= mine.high
    assert np.mean(shown) > 0.76
    assert abs(np.mean(said) - 0.7) < 0.015
    assert covers >= 55


def test_a_clear_winner_pays_next_to_nothing():
    rng = np.random.default_rng(1)
    rows = rng.random((20, 300)) < np.r_[0.9, np.full(19, 0.5)][:, None]
    found = expected(table(rows))[0]
    assert abs(found.choice) < 1e-12
    assert found.value == pytest.approx(rows[0].mean())
    assert found.trials == 20 and found.rows == 300


def test_no_other_trial_is_expected_above_the_best_one():
    rng = np.random.default_rng(2)
    shown = rng.random((10, 100)) < 0.6
    found = expected(table(shown))
    best = max(range(10), key=lambda number: shown[number].mean())
    assert all(each.value <= found[best].value for each in found.values())


def test_epochs_chosen_by_other_rows_are_what_is_expected():
    rng = np.random.default_rng(3)
    fair = rng.random((1, 200)) < 0.6
    shown = fair | (rng.random((1, 200)) < 0.1)
    crossed = expected(table(shown, fair))[0]
    assert crossed.value == pytest.approx(fair.mean())
    assert crossed.epochs == pytest.approx(shown.mean() - fair.mean())
    exact = expected(table(fair))[0]
    assert crossed.high - crossed.low > exact.high - exact.low  # in doubt of the epochs


def test_losses_are_negated_in_the_table_and_given_in_their_own_sign():
    rng = np.random.default_rng(4)
    losses = rng.exponential(0.5, (8, 120))
    found = expected(table(-losses), LOSS)
    best = int(losses.mean(axis=1).argmin())
    assert found[best].value >= losses[best].mean()  # worse than it looked
    assert 0 < found[best].low < found[best].value < found[best].high


def test_pruned_trials_never_raise_what_is_expected():
    """A price that chance made negative stays as it is."""
    rng = np.random.default_rng(7)
    for _ in range(40):
        of = table(rng.random((2, 30)) < 0.7)
        few, many = choice_of_best(of, scored=2), choice_of_best(of, scored=2, tried=50)
        assert many.price(rows := dict(enumerate(of.fair))) >= few.price(rows)


def test_it_is_stored_and_read():
    found = replace(
        expected(table([[1.0, 0, 1]]))[0],
        metrics={"f1": MetricScores(0.6, Estimate(0.5, 0.25, 0.75))},
    )
    assert Expected.from_dict(found.to_dict()) == found
    assert Expected.from_dict({}) is None


def test_trials_that_were_stopped_for_their_scores_raise_the_price():
    """The six best of fifty equal trials ran to their end: the best is the best of fifty."""
    rng = np.random.default_rng(5)
    alone, of_all = [], []
    for _ in range(80):
        every = rng.random((50, 150)) < 0.7
        left = np.argsort(-every.mean(axis=1), kind="stable")[:6]
        found = table(every[left])
        alone.append(expected(found, scored=6)[0].value)
        of_all.append(expected(found, scored=6, tried=50)[0].value)
    assert np.mean(alone) > 0.725
    assert abs(np.mean(of_all) - 0.7) < abs(np.mean(alone) - 0.7) - 0.01


def test_another_metric_pays_as_far_as_it_goes_with_the_objective():
    """Truth .6 of a metric whose rows go half with the objective's: its luck is half as large."""
    rng = np.random.default_rng(6)
    shown, said, covers = [], [], 0
    for _ in range(60):
        objective = rng.random((30, 150)) < 0.7
        other = np.where(rng.random((30, 150)) < 0.5, objective, rng.random((30, 150)) < 0.5) * 1.0
        of = table(objective)
        choice = choice_of_best(of)
        mine = other[choice.place]
        value = mine.mean() - choice.price(dict(enumerate(other)))
        found = estimate_around(value, mine, of.weights, SHARE, shown=mine.mean())
        shown.append(mine.mean())
        said.append(found.value)
        covers += found.low <= 0.6 <= found.high
    assert np.mean(shown) > 0.62
    assert abs(np.mean(said) - 0.6) < 0.012
    assert covers >= 54
