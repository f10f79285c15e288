"""Row scores average to the exact metric, whose sampling error they tell."""

import numpy as np
import pytest

from experiments.evaluation.final_metrics import final_metrics
from experiments.evaluation.row_scores import row_scores


def drawn(task, classes, n, seed):
    rng = np.random.default_rng(seed)
    if task == "regression":
        targets = rng.normal(3, 2, n)
        return targets, targets + rng.normal(0, 1, n)
    targets = rng.integers(0, classes, n)
    shares = rng.dirichlet(np.ones(classes), n) + 0.5 * np.eye(classes)[targets]
    return targets, shares / shares.sum(1, keepdims=True)


@pytest.mark.parametrize(
    ("task", "classes"), [("classification", 2), ("classification", 7), ("regression", 0)]
)
def test_the_mean_is_the_metric(task, classes):
    targets, predictions = drawn(task, classes, 400, 0)
    values = final_metrics(task, targets, predictions, classes).values
    assert len(values) >= 4
    for name, value in values.items():
        scores = row_scores(name, task, targets, predictions, classes)
        assert scores.shape == (400,), name
        assert scores.mean() == pytest.approx(value, abs=1e-9), name


@pytest.mark.parametrize(("task", "classes"), [("classification", 3), ("regression", 0)])
def test_their_spread_is_that_of_the_metric_over_samples(task, classes):
    many = [drawn(task, classes, 300, seed) for seed in range(300)]
    values = [final_metrics(task, *one, classes).values for one in many]
    for name in values[0]:
        spread = np.std([one[name] for one in values])
        said = np.mean(
            [np.std(row_scores(name, task, *one, classes)) / 300**0.5 for one in many[:40]]
        )
        assert said == pytest.approx(spread, rel=0.15), name


def test_what_is_no_number_has_no_row_scores():
    targets = np.array([0, 1])
    assert row_scores("accuracy", "classification", targets, np.full((2, 2), np.nan), 2) is None
    assert row_scores("r2", "regression", np.ones(3), np.arange(3.0), 0) is None
    assert row_scores("unknown", "regression", np.ones(3), np.arange(3.0), 0) is None
