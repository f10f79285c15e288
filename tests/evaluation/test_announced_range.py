"""Before a reveal: where the test score will lie in 95 of 100 cases."""

import numpy as np
import pytest

from experiments.evaluation.announced_range import AnnouncedRange, announce
from experiments.evaluation.intervals import interval_of_rows


@pytest.mark.parametrize(("validated", "rows"), [(400, 100), (100, 400), (2_000, 50)])
@pytest.mark.parametrize("is_share", [True, False])
def test_it_holds_the_score_on_other_rows_in_95_of_100_cases(validated, rows, is_share):
    rng = np.random.default_rng(validated)
    inside = 0
    for _ in range(1_000):
        seen, others = (
            rng.random(n) < 0.8 if is_share else rng.normal(5, 2, n) for n in (validated, rows)
        )
        found = interval_of_rows(seen.astype(float), is_share=is_share)
        said = announce(
            "accuracy",
            found.mean,
            (found.low, found.high),
            validated=validated,
            rows=rows,
            is_share=is_share,
        )
        inside += said.holds(float(others.mean()))
    assert 920 <= inside <= 980


def test_a_share_stays_one():
    said = announce("accuracy", 0.97, (0.95, 0.99), validated=100, rows=10, is_share=True)
    assert said.high == 1.0
    assert AnnouncedRange.from_dict(said.to_dict()) == said
    assert AnnouncedRange.from_dict({}) is None
