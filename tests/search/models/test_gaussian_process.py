"""The Gaussian process, against closed forms, scikit-learn and finite differences."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import check_grad

from experiments.search.models.embedding import Columns, Embedding, squared_distances
from experiments.search.models.gaussian_process import (
    PRIOR,
    PosteriorLoss,
    Settings,
    condition,
    fit,
    learn,
    matern,
    matern_slope,
)


def columns_of(categorical: list[bool], conditional: list[bool] | None = None) -> Columns:
    return Columns(np.array(categorical), np.array(conditional or [False] * len(categorical)))


def mixed_rows(count: int, seed: int = 0) -> tuple[Columns, np.ndarray]:
    """Ordered, categorical, ordered conditional, categorical conditional."""
    rng = np.random.default_rng(seed)
    rows = np.column_stack(
        [
            rng.random(count),
            rng.integers(0, 3, count).astype(float),
            np.where(rng.random(count) < 0.4, np.nan, rng.random(count)),
            np.where(rng.random(count) < 0.4, np.nan, rng.integers(0, 4, count)),
        ]
    )
    return columns_of([False, True, False, True], [False, False, True, True]), rows


class TestDistances:
    def squared(self, columns, rows):
        features = Embedding.of(columns, rows).features(rows)
        return squared_distances(features, features)

    def test_ordered_columns_differ_by_their_difference(self):
        found = self.squared(columns_of([False]), np.array([[0.0], [0.3], [1.0]]))
        assert found[0] == pytest.approx([0.0, 0.09, 1.0])

    def test_categories_differ_by_one_or_not_at_all(self):
        found = self.squared(columns_of([True]), np.array([[0.0], [2.0], [7.0], [2.0]]))
        assert found[1] == pytest.approx([1.0, 0.0, 1.0, 0.0])

    def test_inactive_is_as_far_from_every_value_and_at_one_with_inactive(self):
        for categorical in (False, True):
            columns = columns_of([categorical], [True])
            found = self.squared(columns, np.array([[0.0], [1.0], [np.nan], [np.nan]]))
            assert found[2] == pytest.approx([1.0, 1.0, 0.0, 0.0])
            assert found[0, 1] == pytest.approx(1.0)

    def test_a_category_that_nobody_has_tried_is_unlike_all(self):
        columns = columns_of([True])
        known = np.array([[0.0], [1.0]])
        embedding = Embedding.of(columns, known)
        new = embedding.features(np.array([[5.0]]))
        assert squared_distances(new, embedding.features(known))[0] == pytest.approx([1.0, 1.0])

    def test_columns_add_up(self):
        columns, rows = mixed_rows(12)
        alone = sum(
            self.squared(Columns(columns.categorical[[i]], columns.conditional[[i]]), rows[:, [i]])
            for i in range(4)
        )
        assert self.squared(columns, rows) == pytest.approx(alone)

    @given(seed=st.integers(0, 10**6), count=st.integers(1, 40))
    @settings(max_examples=25, deadline=None)
    def test_the_kernel_of_conditional_columns_is_positive_semidefinite(self, seed, count):
        columns, rows = mixed_rows(count, seed)
        kernel = matern(9.0 * self.squared(columns, rows), 0.0)
        assert np.linalg.eigvalsh(kernel).min() > -1e-9


class TestClosedForms:
    def test_matern_at_one_length_scale(self):
        expected = (1 + math.sqrt(5) + 5 / 3) * math.exp(-math.sqrt(5))
        assert matern(np.array([[0.0, 1.0]]), 0.0)[0] == pytest.approx([1.0, expected])

    def test_its_slope_is_its_derivative_by_the_squared_distance(self):
        squared = np.array([[1e-3, 0.5, 4.0]])
        step = 1e-6
        rise = matern(squared + step, 0.3) - matern(squared - step, 0.3)
        assert matern_slope(squared, 0.3) == pytest.approx(rise / (2 * step), rel=1e-5)

    def test_one_observation_shrinks_towards_the_mean(self):
        """Signal s and noise v: mean = s / (s + v) y, variance = s - s^2 / (s + v)."""
        signal, noise = 2.0, 0.5
        process = condition(
            columns_of([False]),
            Settings(np.zeros(1), math.log(signal), math.log(noise)),
            np.array([[0.4]]),
            np.array([3.0]),
            np.zeros(1),
        )
        mean, sd = process.predict(np.array([[0.4]]))
        assert mean[0] == pytest.approx(signal / (signal + noise) * 3.0)
        assert sd[0] ** 2 == pytest.approx(signal - signal**2 / (signal + noise))

    def test_known_variance_counts_on_top_of_the_noise(self):
        given_ = Settings(np.zeros(1), 0.0, math.log(0.5))
        more = Settings(np.zeros(1), 0.0, math.log(0.8))
        rows, targets = np.array([[0.1], [0.7]]), np.array([1.0, -1.0])
        extra = condition(columns_of([False]), given_, rows, targets, np.full(2, 0.3))
        plain = condition(columns_of([False]), more, rows, targets, np.zeros(2))
        assert extra.predict(rows)[0] == pytest.approx(plain.predict(rows)[0])

    def test_far_from_all_it_knows_nothing(self):
        process = condition(
            columns_of([False]),
            Settings(np.array([-4.0]), 0.0, -5.0),
            np.array([[0.0]]),
            np.array([2.0]),
            np.zeros(1),
        )
        mean, sd = process.predict(np.array([[1.0]]))
        assert mean[0] == pytest.approx(0.0, abs=1e-9)
        assert sd[0] == pytest.approx(1.0)


class TestAgainstScikitLearn:
    def test_mean_deviation_and_likelihood_agree(self):
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

        rng = np.random.default_rng(1)
        rows, new = rng.random((40, 3)), rng.random((25, 3))
        targets = np.sin(4 * rows[:, 0]) + rows[:, 1] ** 2 - rows[:, 2]
        lengths, signal, noise = np.array([0.3, 0.8, 2.0]), 1.7, 0.04
        theirs = GaussianProcessRegressor(
            ConstantKernel(signal) * Matern(lengths, nu=2.5) + WhiteKernel(noise),
            optimizer=None,
            alpha=0.0,
        ).fit(rows, targets)
        columns = columns_of([False] * 3)
        settings_ = Settings(np.log(lengths), math.log(signal), math.log(noise))
        ours = condition(columns, settings_, rows, targets, np.zeros(40))
        mean, sd = ours.predict(new)
        their_mean, their_sd = theirs.predict(new, return_std=True)
        assert mean == pytest.approx(their_mean, abs=1e-8)
        # Theirs is the deviation of an observation, ours that of the function.
        assert np.hypot(sd, math.sqrt(noise)) == pytest.approx(their_sd, abs=1e-8)
        embedding = Embedding.of(columns, rows)
        loss = PosteriorLoss(embedding, embedding.features(rows), targets, np.zeros(40), PRIOR)
        value, _ = loss.with_gradient(settings_.flat())
        off = (settings_.flat() - PRIOR.mean(3).flat()) / PRIOR.deviation(3)
        expected = -theirs.log_marginal_likelihood_value_ + 0.5 * off @ off
        assert value == pytest.approx(expected, abs=1e-8)


class TestLearning:
    @pytest.mark.parametrize("seed", range(3))
    def test_the_gradient_is_that_of_the_value(self, seed):
        columns, rows = mixed_rows(15, seed)
        rng = np.random.default_rng(seed)
        embedding = Embedding.of(columns, rows)
        loss = PosteriorLoss(
            embedding, embedding.features(rows), rng.normal(size=15), rng.random(15) / 10, PRIOR
        )
        at = PRIOR.mean(4).flat() + 0.3 * rng.normal(size=6)
        error = check_grad(
            lambda flat: loss.with_gradient(flat)[0], lambda flat: loss.with_gradient(flat)[1], at
        )
        assert error < 1e-4 * np.linalg.norm(loss.with_gradient(at)[1])

    def test_it_ends_where_the_gradient_vanishes_or_the_value_fell_clearly(self):
        columns, rows = mixed_rows(40)
        targets = np.sin(5 * rows[:, 0])
        embedding = Embedding.of(columns, rows)
        extra = np.zeros(40)
        loss = PosteriorLoss(embedding, embedding.features(rows), targets, extra, PRIOR)
        found = learn(columns, rows, targets, extra)
        before = loss.with_gradient(PRIOR.mean(4).flat())[0]
        assert loss.with_gradient(found.flat())[0] < before - 5

    def test_a_column_that_matters_gets_a_short_length_and_noise_a_long_one(self):
        rng = np.random.default_rng(0)
        rows = rng.random((60, 2))
        targets = np.sin(6 * rows[:, 0])
        process = fit(columns_of([False, False]), rows, targets)
        matters, other = process.settings.lengths
        assert matters < other - 0.5

    def test_the_noise_is_found(self):
        rng = np.random.default_rng(0)
        rows = rng.random((100, 1))
        targets = np.sin(6 * rows[:, 0]) + 0.3 * rng.normal(size=100)
        assert fit(columns_of([False]), rows, targets).noise == pytest.approx(0.3, rel=0.3)

    def test_equal_rows_and_equal_targets_are_no_trouble(self):
        rows, targets = np.full((30, 2), 0.5), np.zeros(30)
        mean, sd = fit(columns_of([False, True]), rows, targets).predict(rows[:1])
        assert mean[0] == pytest.approx(0.0, abs=1e-9)
        assert sd[0] > 0


class TestLeavingOneOut:
    def test_it_is_what_a_fit_without_the_row_predicts(self):
        columns, rows = mixed_rows(12)
        targets = np.random.default_rng(3).normal(size=12)
        extra = np.linspace(0.0, 0.2, 12)
        given_ = Settings(np.full(4, -0.3), 0.2, -2.0)
        mean, sd = condition(columns, given_, rows, targets, extra).leave_one_out()
        for place in range(12):
            rest = np.arange(12) != place
            process = condition(columns, given_, rows[rest], targets[rest], extra[rest])
            expected, deviation = process.predict(rows[[place]])
            assert mean[place] == pytest.approx(expected[0], abs=1e-9)
            spread = math.sqrt(deviation[0] ** 2 + math.exp(-2.0) + extra[place])
            assert sd[place] == pytest.approx(spread, abs=1e-9)

    def test_fitted_is_the_prediction_at_the_own_rows(self):
        columns, rows = mixed_rows(12)
        targets = np.random.default_rng(3).normal(size=12)
        process = condition(
            columns, Settings(np.full(4, -0.3), 0.2, -2.0), rows, targets, np.full(12, 0.1)
        )
        assert process.fitted() == pytest.approx(process.predict(rows)[0], abs=1e-9)


class TestBelieving:
    def test_means_stay_and_uncertainty_shrinks_there(self):
        columns, rows = mixed_rows(20)
        process = fit(columns, rows, np.sin(5 * rows[:, 0]))
        _, new = mixed_rows(6, seed=9)
        before_mean, before_sd = process.predict(new)
        after_mean, after_sd = process.with_pending(new[:2]).predict(new)
        assert after_mean == pytest.approx(before_mean, abs=1e-8)
        assert (after_sd[:2] < before_sd[:2]).all()
        assert (after_sd <= before_sd + 1e-9).all()

    def test_believing_nothing_is_the_same_process(self):
        columns, rows = mixed_rows(5)
        process = fit(columns, rows, np.arange(5.0))
        assert process.with_pending(rows[:0]) is process
