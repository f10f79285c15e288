"""Epochs that other rows chose: no row gains by its own luck."""

import numpy as np

from experiments.evaluation.cross_epochs import BLOCKS, CrossEpochs


def crossed(epochs, *, higher_is_better=True):
    found = CrossEpochs(epochs.shape[1], higher_is_better=higher_is_better)
    for scores in epochs:
        found.see(scores)
    return found.scores


def test_each_row_has_a_score_of_an_epoch_that_is_best_for_the_other_blocks():
    epochs = np.random.default_rng(1).normal(size=(7, 40))
    scores = crossed(epochs)
    chosen = [int(np.flatnonzero(epochs[:, row] == scores[row])[0]) for row in range(40)]
    for epoch in set(chosen):
        block = np.flatnonzero(np.array(chosen) == epoch)
        assert len(block) % (40 // BLOCKS) == 0  # whole blocks
    # The block of row 0 is chosen by the rest: no other epoch is better there.
    together = [row for row in range(40) if chosen[row] == chosen[0]]
    if len(together) == 40 // BLOCKS:
        others = np.delete(epochs, together, axis=1).mean(axis=1)
        assert chosen[0] == others.argmax()


def test_pure_noise_has_no_gain_left():
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(300, 20, 60))
    best = np.mean([epochs.mean(axis=1).max() for epochs in noise])
    honest = np.mean([crossed(epochs).mean() for epochs in noise])
    assert best > 0.2 and abs(honest) < 0.03


def test_the_first_of_equal_epochs_counts_and_a_loss_is_better_below():
    epochs = np.array([[0.5] * 12, [0.2] * 12, [0.2] * 12])
    assert crossed(epochs, higher_is_better=False).tolist() == [0.2] * 12
    assert crossed(epochs).tolist() == [0.5] * 12


def test_it_continues_where_a_checkpoint_left_it():
    epochs = np.random.default_rng(3).normal(size=(9, 25))
    first = CrossEpochs(25, higher_is_better=True)
    for scores in epochs[:4]:
        first.see(scores)
    second = CrossEpochs(25, higher_is_better=True)
    second.resume(first.best, first.epochs, first.scores)
    for scores in epochs[4:]:
        second.see(scores)
    assert second.scores.tolist() == crossed(epochs).tolist()
    assert np.array_equal(epochs[second.row_epochs, np.arange(25)], second.scores)


def test_fewer_rows_than_blocks_and_a_single_one():
    assert np.isfinite(crossed(np.random.default_rng(0).normal(size=(5, 3)))).all()
    assert crossed(np.array([[0.1], [0.7]])).tolist() == [0.7]


def test_rows_that_belong_together_choose_for_none_of_their_own():
    """Noise that the rows of a group share is luck too."""
    rng = np.random.default_rng(4)
    units = np.arange(60) % 12
    honest, leaking = [], []
    for _ in range(200):
        epochs = rng.normal(size=(20, 12))[:, units]
        found = CrossEpochs(60, higher_is_better=True, units=units)
        for scores in epochs:
            found.see(scores)
        of_group = found.row_epochs.reshape(5, 12)
        assert (of_group == of_group[0]).all()
        honest.append(found.scores.mean())
        leaking.append(crossed(epochs).mean())
    assert abs(np.mean(honest)) < 0.05 and np.mean(leaking) > 0.2


def test_few_units_choose_nothing():
    assert not CrossEpochs(40, higher_is_better=True, units=np.arange(40) % 4).is_possible
    assert not CrossEpochs(4, higher_is_better=True).is_possible
    assert CrossEpochs(5, higher_is_better=True).is_possible
