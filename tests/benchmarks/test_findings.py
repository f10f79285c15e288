"""The rate of false alarms is counted in searches that have nothing to find, and in one that has."""

from benchmarks import findings


def test_healthy_searches_are_counted_and_raise_nothing():
    figures = findings.measure("random", searches=2, trials=30, executions=2)
    assert figures["searches"] == 2 and figures["with_a_finding"] == 0
    assert figures["passed"] is True


def test_a_search_with_a_fault_is_counted(monkeypatch):
    monkeypatch.setattr(findings, "FAILING", 0.0)
    history, _ = findings._search("random", 0, 40, 1)
    region = [t.number for t in history.trials if t.values["batch_size"] == 512]
    failed = tuple(
        type(t)(t.number, t.values, "failed") if t.number in region else t for t in history.trials
    )
    kinds = dict.fromkeys(region, "out_of_memory")
    whole = type(history)(failed, history.direction, history.seed)
    assert findings._looks(whole, kinds, trials=40) == {"failing:out_of_memory"}
