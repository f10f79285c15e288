"""A custom objective is one more metric of each epoch: it finds the best one and stops early."""

from math import log10

import pytest

from experiments.training.messages import (
    EarlyStoppingOrder,
    EpochEnd,
    ExecutionEnd,
    Failure,
    ModelBuilt,
)
from tests.training.orders import drain, of

pytestmark = pytest.mark.training


def played(training_pool, order, expression, **fit):
    settings = {"objective": "custom", "direction": "maximize", "expression": expression}
    run = training_pool.run(order(fit=settings | fit))
    seen = drain(run)
    run.close()
    return seen


@pytest.mark.parametrize("method", ["auto", pytest.param("fit", marks=pytest.mark.thorough)])
def test_it_is_computed_each_epoch_and_finds_the_best(training_pool, order, method):
    text = "val_accuracy - 0.1*log10(parameters)"
    seen = played(training_pool, order, text, method=method)
    (built,), (end,) = of(seen, ModelBuilt), of(seen, ExecutionEnd)
    expected = [
        message.metrics["val_accuracy"] - 0.1 * log10(built.parameters)
        for message in of(seen, EpochEnd)
    ]
    assert [m.metrics["custom"] for m in of(seen, EpochEnd)] == pytest.approx(expected)
    assert end.best_epoch == expected.index(max(expected)) + 1
    assert end.metrics["custom"] == pytest.approx(max(expected))


def test_early_stopping_follows_it(training_pool, order):
    stopping = EarlyStoppingOrder("custom", patience=1)
    seen = played(training_pool, order, "0*val_loss", epochs=9, early_stopping=stopping)
    assert len(of(seen, EpochEnd)) == 2


def test_an_expression_that_never_has_a_value_fails_the_trial_in_plain_words(training_pool, order):
    seen = played(training_pool, order, "val_loss / (val_loss - val_loss)", epochs=2)
    (failure,) = of(seen, Failure)
    assert failure.kind == "nan"
    assert failure.message == "custom never had a finite value. Division by zero."
