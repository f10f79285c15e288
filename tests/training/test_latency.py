"""How long a call takes, measured in a real child: only where it is requested, on both paths."""

import pytest

from experiments.training.messages import ExecutionEnd, ModelOrder
from tests.training.data import write_several
from tests.training.orders import drain, of

pytestmark = pytest.mark.training


def ended(training_pool, order, **changes):
    run = training_pool.run(order(**changes))
    seen = drain(run)
    run.close()
    ends = of(seen, ExecutionEnd)
    assert ends, seen
    return ends


@pytest.mark.parametrize("method", ["auto", pytest.param("fit", marks=pytest.mark.thorough)])
def test_the_median_call_of_each_batch_size_is_told(training_pool, order, method):
    fit = {"epochs": 1, "method": method, "latency_batches": [1, 32]}
    (end,) = ended(training_pool, order, fit=fit)
    assert 0 < end.metrics["latency_1_ms"] < 1000
    assert 0 < end.metrics["latency_32_ms"] < 1000
    assert "val_accuracy" in end.metrics


def test_nothing_is_timed_unasked(training_pool, order):
    (end,) = ended(training_pool, order, fit={"epochs": 1})
    assert not [name for name in end.metrics if name.startswith("latency")]


def test_a_table_with_several_outputs_is_called_too(training_pool, order, tmp_path):
    data = write_several(tmp_path / "several")
    values = {"units": 8, "learning_rate": 0.01}
    fit = {"epochs": 1, "metrics": ["accuracy", "mae"], "latency_batches": [1]}
    (end,) = ended(
        training_pool, order, data=data, model=ModelOrder("multi-task"), values=values, fit=fit
    )
    assert list(end.metrics)[-1] == "latency_1_ms"
