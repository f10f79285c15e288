"""Schedules: the factor of each epoch."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.training.schedule import KINDS, Schedule


@given(
    kind=st.sampled_from(KINDS),
    epochs=st.integers(1, 300),
    decay_rate=st.floats(1e-6, 1.0),
    decay_epochs=st.integers(1, 400),
    alpha=st.floats(0.0, 1.0),
    warmup_epochs=st.integers(1, 400),
    peak_share=st.floats(0.0, 1.0),
)
def test_a_factor_is_a_share_of_the_rate_for_every_epoch_of_every_plan(kind, epochs, **options):
    factors = Schedule(kind, **options).factors(epochs)
    assert len(factors) == epochs
    assert all(math.isfinite(factor) and 0.0 <= factor <= 1.0 + 1e-12 for factor in factors)


@pytest.mark.training
@pytest.mark.parametrize(
    ("schedule", "twin"),
    [
        (
            Schedule("exponential", decay_rate=0.5, decay_epochs=4),
            lambda their: their.ExponentialDecay(1.0, 4, 0.5),
        ),
        (
            Schedule("step", decay_rate=0.5, decay_epochs=4),
            lambda their: their.ExponentialDecay(1.0, 4, 0.5, staircase=True),
        ),
        (Schedule("cosine", alpha=0.1), lambda their: their.CosineDecay(1.0, 20, 0.1)),
    ],
)
def test_kerass_own_schedules_give_the_same_over_epochs(schedule, twin):
    from keras.optimizers import schedules

    theirs = twin(schedules)
    expected = [float(theirs(epoch)) for epoch in range(20)]
    assert schedule.factors(20) == pytest.approx(expected, abs=1e-6)


def test_a_warm_up_rises_in_a_line_and_a_cosine_follows():
    factors = Schedule("warmup_cosine", warmup_epochs=3).factors(11)
    assert factors[:4] == [0.25, 0.5, 0.75, 1.0]
    assert factors[3:] == pytest.approx(Schedule("cosine").factors(8))


def test_one_cycle_rises_to_its_top_and_falls_below_its_start():
    factors = Schedule("one_cycle", peak_share=0.3).factors(21)
    assert (factors[0], max(factors), factors.index(1.0)) == (1 / 25, 1.0, 6)
    assert factors[-1] == pytest.approx(1 / 250_000)
    assert factors[:7] == sorted(factors[:7])
    assert factors[6:] == sorted(factors[6:], reverse=True)


def test_a_shorter_run_may_follow_a_longer_plan():
    """A refit ends at the best epoch, with the rates that the search trained with."""
    refit = Schedule("cosine", epochs=30)
    assert refit.factors(12) == Schedule("cosine").factors(30)[:12]
