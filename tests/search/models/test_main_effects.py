"""Main effects under the forest."""

import numpy as np

from experiments.search.models.main_effects import Trend
from experiments.search.space.encoding import Encoding
from tests.search.objectives import BOWL, bowl
from tests.search.spaces import choice, floats, only_if, space_of


def drawn(space, count, seed=0):
    """Encoded configurations and their values."""
    rng = np.random.default_rng(seed)
    values = [space.decode(unit) for unit in rng.random((count, len(space)))]
    return Encoding.of(space), Encoding.of(space).matrix(values), values


def test_a_sum_of_main_effects_is_foretold_where_nothing_was_tried():
    encoding, rows, values = drawn(BOWL, 60)
    loss = np.array([bowl(each) for each in values])
    trend = Trend.fit(encoding, rows[:40], loss[:40])
    left = np.var(loss[40:] - trend(rows[40:]))
    assert left < 0.2 * np.var(loss[40:])


def test_of_noise_it_says_next_to_nothing():
    encoding, rows, _ = drawn(BOWL, 40)
    loss = np.random.default_rng(1).normal(size=40)
    assert np.var(Trend.fit(encoding, rows, loss)(rows)) < 0.25 * np.var(loss)


def test_one_trial_and_equal_losses_are_their_mean():
    encoding, rows, _ = drawn(BOWL, 9)
    assert Trend.fit(encoding, rows[:1], np.array([3.0]))(rows).tolist() == [3.0] * 9
    assert Trend.fit(encoding, rows, np.ones(9))(rows).tolist() == [1.0] * 9


def test_what_is_inactive_adds_nothing():
    space = space_of(
        choice("optimizer", "adam", "sgd"), floats("momentum", 0, 1, **only_if("optimizer", "sgd"))
    )
    encoding, rows, values = drawn(space, 40)
    loss = np.array([each.get("momentum", 0.5) for each in values])
    trend = Trend.fit(encoding, rows, loss)
    adam = encoding.matrix([{"optimizer": "adam"}])
    assert np.isfinite(trend(adam)).all()
    assert abs(float(trend(adam)[0]) - 0.5) < 0.1
