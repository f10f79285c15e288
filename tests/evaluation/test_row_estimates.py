"""An estimate and its interval, from the mean of row scores."""

import numpy as np
import pytest

from experiments.evaluation.row_estimates import Measure, around, estimate_around

SHARE = Measure(higher_is_better=True, scale="share")


def test_intervals_stay_inside_what_is_possible():
    low, high = around(0.999, 0.01, observed=0.999, units=100, doubt=0.0, scale="share")
    assert 0 < low < 0.999 < high <= 1
    # All right: such an error says nothing, the number of rows does.
    low, high = around(1.0, 0.0, observed=1.0, units=50, doubt=0.0, scale="share")
    assert 0.9 < low < 0.95 and high == 1
    assert around(0.4, 0.1, observed=0.4, units=1, doubt=0.0, scale="number") == (None, None)


@pytest.mark.parametrize("mean", [-0.01, 0.0, 1.0, 1.0000001, 1.03])
def test_pseudo_values_whose_mean_is_no_share_give_a_share(mean):
    """Those of F1 or AUC, read at several epochs, may be a little above 1 on average."""
    rows = mean + 0.3 * np.tile([1.0, -1.0], 40)
    found = estimate_around(mean, rows, np.full(80, 1 / 80), SHARE, shown=min(1.0, mean + 0.01))
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.high - found.low > 0.01
