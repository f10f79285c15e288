"""Names that can be objectives beside the metrics."""

from experiments.evaluation.metrics import direction_of
from experiments.evaluation.model_costs import (
    COSTS,
    epoch_metric,
    exact_name,
    latency_batches,
    latency_name,
)


def test_costs_are_better_when_lower_and_need_no_metric():
    for name in COSTS:
        assert direction_of(name) == "minimize"
        assert epoch_metric(name) == exact_name(name) == ""


def test_an_exact_metric_is_better_as_its_metric_is():
    assert (exact_name("final_f1"), direction_of("final_f1")) == ("f1", "maximize")
    assert direction_of("final_log_loss") == "minimize"
    assert epoch_metric("final_f1") == ""
    assert exact_name("final_nothing") == exact_name("f1") == ""
    assert epoch_metric("val_price_rmse") == "rmse"
    assert epoch_metric("val_loss") == ""


def test_only_the_batches_that_are_asked_for_are_timed():
    assert latency_batches(["parameters", "latency_32_ms", "val_f1"]) == [32]
    assert latency_batches(["parameters"]) == []
    assert [latency_name(batch) for batch in (1, 32)] == ["latency_1_ms", "latency_32_ms"]
