"""A prediction in words, on the score's own scale."""

import numpy as np

from experiments.search.history import History
from experiments.search.models.loss_transforms import normal_scores
from experiments.search.models.score_prediction import expectation

LOSS = np.array([0.1, 0.2, 0.3, 0.4, 0.5])


def test_a_prediction_is_said_on_the_scale_of_the_score():
    scaled = normal_scores(LOSS)
    words = expectation(History(), LOSS, scaled, float(scaled[2]), float(scaled[3])).words
    assert words == "0.3, between 0.2 and 0.4"


def test_a_score_that_rises_is_said_with_its_own_sign():
    loss = -LOSS[::-1]
    words = expectation(History(direction="maximize"), loss, loss, -0.4, 0.1).words
    assert words == "0.4, between 0.3 and 0.5"


def test_beyond_what_was_seen_the_nearest_is_said_and_failures_don_t_count():
    loss = np.array([np.inf, 0.2, 0.1])
    words = expectation(History(), loss, normal_scores(loss), -9.0, 100.0).words
    assert words == "0.1, between 0.1 and 0.2"


def test_its_uncertainty_is_half_of_the_range_in_units_of_the_score():
    scaled = normal_scores(LOSS)
    found = expectation(History(), LOSS, scaled, float(scaled[2]), float(scaled[3]))
    assert (found.middle, round(found.uncertainty, 9)) == (0.3, 0.1)
