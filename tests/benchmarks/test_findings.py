"""Findings are counted in searches with an effect, without it, and in healthy ones."""

import numpy as np
import pytest

from benchmarks.findings import bench
from benchmarks.findings import healthy as findings


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


@pytest.mark.parametrize("case", bench.CASES, ids=lambda case: f"{case.kind}: {case.words}")
def test_each_case_has_its_effect_or_not(case):
    def kinds(*, has_effect):
        rng = np.random.default_rng([3, has_effect])
        draw = bench.Draw(rng, case.sizes[-1], 0.005, has_effect)
        return bench.raised(case.make(draw))

    assert case.kind in kinds(has_effect=True)
    assert case.kind not in kinds(has_effect=False)


def test_a_table_has_the_worse_noise_of_each_size():
    lines = [
        {
            "kind": "edge",
            "effect": "e",
            "trials": 60,
            "noise": noise,
            "found": found,
            "false": 0.01,
        }
        for noise, found in ((0.005, 1.0), (0.02, 0.95))
    ]
    assert bench.table(lines).splitlines()[-1] == "| edge | e | 60 | 95 % | 1.0 % |"
