"""Each finding on the case that it is for; and nothing else is found there."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.check_outcomes import NotChecked
from experiments.search.findings import no_improvement
from experiments.search.findings.search_state import SearchState, Sibling, Slots
from experiments.search.history import ObservedTrial
from tests.search.findings.followed import looks
from tests.search.findings.planted import (
    SPACE,
    curves_of,
    dead_score,
    edge_score,
    healthy_score,
    searched,
)


def only(found, key):
    assert list(found) == [key], {name: each.statement for name, each in found.items()}
    return found[key]


@pytest.mark.parametrize("seed", range(3))
def test_an_optimum_at_the_end_of_a_range(seed):
    found = only(looks(SPACE, searched(edge_score, 120, seed=seed)), "edge:learning_rate.low")
    assert found.action.act == "widen"
    assert found.action.change == {"name": "learning_rate", "fields": {"min": 3e-05}}
    assert "lower end of its range (1e-4)" in found.statement
    assert found.confidence.chance < found.confidence.level


@pytest.mark.parametrize("seed", range(3))
def test_a_dead_hyperparameter(seed):
    found = only(looks(SPACE, searched(dead_score, 400, seed=seed)), "dead:dropout")
    assert found.action.act == "fix"
    assert found.action.change["name"] == "dropout"


def test_overfitting_from_an_epoch_on():
    history = searched(healthy_score, 60)
    found = only(
        looks(SPACE, history, curves=lambda part: curves_of(part, overfits=True)),
        "overfitting:score",
    )
    assert 8 <= int(found.statement.split("epoch ")[1].split()[0].rstrip(":")) <= 13
    assert found.action.change == {"early_stopping_patience": 5}
    quiet = looks(SPACE, history, curves=lambda part: curves_of(part, overfits=False))
    stopped = looks(
        SPACE, history, curves=lambda part: curves_of(part, overfits=True), stops_early=True
    )
    assert not quiet and not stopped


def test_a_region_that_runs_out_of_memory():
    history = searched(lambda v: None if v["batch_size"] == 512 else healthy_score(v), 60)
    failures = {t.number: "out_of_memory" for t in history.trials if t.state == "failed"}
    found = only(looks(SPACE, history, failures=failures), "failing:out_of_memory")
    assert found.action.change == {"constraint": "batch_size < 512"}
    assert found.statement.startswith("batch_size 512 ran out of memory in")


def test_a_region_that_diverges():
    history = searched(lambda v: None if v["learning_rate"] > 0.05 else healthy_score(v), 80)
    failures = {t.number: "nan" for t in history.trials if t.state == "failed"}
    found = only(looks(SPACE, history, failures=failures), "failing:nan")
    name, sign, edge = found.action.change["constraint"].split()
    assert (name, sign) == ("learning_rate", "<") and 0.03 < float(edge) < 0.06


def test_failures_anywhere_are_no_region():
    rng = np.random.default_rng(0)
    history = searched(lambda v: None if rng.random() < 0.15 else healthy_score(v), 80)
    failures = {t.number: "out_of_memory" for t in history.trials if t.state == "failed"}
    assert len(failures) > 5
    assert not looks(SPACE, history, failures=failures)


def test_a_gain_that_has_stalled():
    first = searched(healthy_score, 60, noise=0.0)
    best = first.best
    same = tuple(
        ObservedTrial(60 + n, t.values, "completed", t.score and min(t.score, best.score - 0.001))
        for n, t in enumerate(searched(healthy_score, 140, seed=5, noise=0.0).trials)
    )
    top = tuple(replace(t, score=best.score - 1e-5 * n) for n, t in enumerate(first.trials[:20]))
    history = replace(first, trials=(*top, *first.trials[20:], *same))
    found = looks(SPACE, history, planned=400)
    assert "stalled:gain" in found
    assert found["stalled:gain"].action.act == "stop"
    ends_soon = no_improvement.check(SearchState(space=SPACE, history=history, left=10))
    assert isinstance(ends_soon, NotChecked)


def test_a_best_that_owes_its_place_to_one_execution():
    history = searched(healthy_score, 60, executions=5)
    trials = list(history.trials)
    middle = sorted(history.scored, key=lambda t: t.score)[54]
    lucky = (*middle.executions[:4], middle.executions[4] + 0.4)
    trials[middle.number] = replace(middle, executions=lucky, score=float(np.mean(lucky)))
    found = only(looks(SPACE, replace(history, trials=tuple(trials))), f"lucky:{middle.number}")
    assert found.action.change == {"trials": [middle.number]}
    assert not looks(
        SPACE, replace(history, trials=tuple(trials)), confirmed=frozenset({middle.number})
    )


def test_a_best_that_stands_alone():
    history = searched(healthy_score, 80)
    trials = list(history.trials)
    trials[15] = replace(trials[15], score=history.best.score + 0.4)
    only(looks(SPACE, replace(history, trials=tuple(trials))), "lucky:15")


def test_a_search_that_repeats_another():
    history = searched(healthy_score, 20)
    known = Sibling("a-code", "first try", scored=40, same=12, overlap=1.0)
    found = only(looks(SPACE, history, siblings=(known,)), "repeats:a-code")
    assert found.action.change == {"experiments": ["a-code"]}
    assert "12 of its" in found.statement
    assert not looks(SPACE, history, siblings=(replace(known, used=True),))
    assert not looks(SPACE, history, siblings=(replace(known, same=0, overlap=0.2),))


def test_idle_slots():
    history = searched(healthy_score, 20)
    found = only(looks(SPACE, history, planned=60, slots=Slots(4, 2, 2)), "idle:slots")
    assert found.action.change == {"parallel": 4}
    assert not looks(SPACE, history, planned=60, slots=Slots(4, 4, 2))  # others ask for the rest
    assert not looks(
        SPACE, searched(healthy_score, 10), planned=16, slots=Slots(4, 2, 2)
    )  # nearly over


def test_a_data_leak():
    warning = (
        "3 validation rows have an exact copy in another set of the split, so scores look "
        "better than they are. Remove copies from the data, or keep them together as a group."
    )
    other = "One fold has no validation row of “a”. Respect classes."
    [found] = looks(SPACE, searched(healthy_score, 20), warnings=(warning, other)).values()
    assert found.kind == "leak" and found.statement == warning
