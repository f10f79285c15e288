"""A plan tried before its search: corners, times, rules, and the start that follows."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from experiments.evaluation.protocol import Protocol
from experiments.models import Experiment, Preflight
from experiments.search.budget import Budget
from experiments.services.experiments.preflights import (
    end_lost_preflights,
    request_preflight,
    skip_preflight,
    take_preflight,
)
from experiments.tuner.preflight import try_plan
from tests.replay_pool import Recording, ReplayPool
from tests.searches import make_dataset, make_plan, make_seat


def asked(project, user, *, starts=False, **changes):
    plan = replace(make_plan(make_dataset()), **changes)
    return request_preflight(project, plan, by=user, token=uuid.uuid4(), starts=starts)


def tried(preflight, pool=None):
    try_plan(preflight.pk, make_seat(pool or ReplayPool()))
    preflight.refresh_from_db()
    return preflight


def breaks_from(units: int, dropout: float = 0.0):
    """A script by which models of so many units and so much dropout fail when they are built."""

    def script(order, execution):
        values = order.values
        fails = values["units"] >= units and values["dropout"] >= dropout
        return Recording(({"loss": 1.0},), fail_after=0 if fails else None)

    return script


def test_a_plan_that_works_passes_with_its_corners_and_a_range(project, editor, queues):
    done = tried(asked(project, editor))
    assert done.state == "passed", done.message
    labels = [line["label"] for line in done.result["lines"]]
    begin = ["largest values", "draw 1", "draw 2", "largest learning_rate", "smallest values"]
    assert labels[:5] == begin
    results = {each["name"]: each["result"] for each in done.result["checks"]}
    assert "found" not in results.values() and results["memory"] == "not_found"
    assert sum(label.startswith("draw") for label in labels) == 5
    estimate = done.result["estimate"]
    assert 0 < estimate["low"] < estimate["high"]
    assert done.done == done.planned == len(labels)
    assert not Experiment.objects.exists()


def test_it_starts_the_search_once_when_it_passes(project, editor, queues):
    preflight = asked(project, editor, starts=True)
    tried(preflight)
    tried(preflight)
    experiment = Experiment.objects.get(purpose="search")
    assert (experiment.code, experiment.state) == (preflight.token, "queued")
    assert experiment.created_by == editor


def test_a_corner_that_fails_blocks_with_the_rule_that_excludes_it(project, editor, queues):
    preflight = asked(project, editor, starts=True)
    done = tried(preflight, ReplayPool(breaks_from(400)))
    assert done.state == "blocked"
    assert not Experiment.objects.exists()
    [rule] = done.result["rules"]
    space = replace(make_plan_space(preflight), constraints=())
    assert rule["rule"].startswith("units < ")
    edge = int(rule["rule"].removeprefix("units < "))
    assert 400 <= edge <= 512 and space["units"].max == 512


def make_plan_space(preflight):
    from experiments.search.space.space import Space

    return Space.from_dict(preflight.plan["space"])


def test_two_that_only_fail_together_make_one_rule(project, editor, queues):
    done = tried(asked(project, editor), ReplayPool(breaks_from(512, 0.5)))
    [rule] = done.result["rules"]
    assert "units < 512" in rule["rule"] and " or " in rule["rule"] and "dropout" in rule["rule"]


def test_defaults_that_fail_have_no_rule(project, editor, queues):
    done = tried(asked(project, editor), ReplayPool(breaks_from(0)))
    assert done.state == "blocked"
    assert [each["rule"] for each in done.result["rules"]] == [""]


def test_a_loss_that_is_no_number_is_named_and_starts_nothing(project, editor, queues):
    def script(order, execution):
        return Recording(({"loss": None},))

    done = tried(asked(project, editor, starts=True), ReplayPool(script))
    assert done.state == "blocked" and not Experiment.objects.exists()
    words = named(done, "divergence")
    assert "from 1.000 to NaN or infinity" in words and "8 of 8 configurations" in words
    assert "lower the learning rate" in words


def test_a_rate_at_the_edge_that_diverges_is_named_with_the_constraint(project, editor, queues):
    def script(order, execution):
        loss = 1e6 if order.values["learning_rate"] > 5e-3 else 1.0
        return Recording(({"loss": loss},))

    done = tried(asked(project, editor, starts=True), ReplayPool(script))
    assert done.state == "blocked"
    words = named(done, "divergence")
    assert "the loss went from 1.000 to 1e6 at once, at learning rate 0.01" in words, words
    assert "constraint learning_rate < 0.01" in words
    assert "learning_rate" in done.result["rules"][0]["rule"]


def test_a_class_that_some_fold_lacks_is_named(project, editor, queues):
    protocol = Protocol("k_fold", folds=20, respecting="none", locked_test_share=0.5)
    done = tried(asked(project, editor, protocol=protocol))
    assert done.state == "blocked"
    assert "no validation rows of “" in named(done, "class_rows")


def test_memory_that_parallel_trials_lack_is_named(project, editor, queues, monkeypatch):
    monkeypatch.setattr("experiments.tuner.setup_checks.free_memory", lambda: 10**6)
    monkeypatch.setattr("experiments.tuner.preflight.room_for_trials", lambda: 4)
    done = tried(asked(project, editor, budget=Budget(max_trials=20, parallel=4)))
    assert "4 parallel trials need about 4 MB of memory, but 1 MB is free" in named(done, "memory")


def test_more_trials_than_the_time_limit_allows_are_named(project, editor, queues):
    budget = Budget(max_trials=500, max_seconds=5)
    done = tried(asked(project, editor, budget=budget))
    words = named(done, "time")
    assert "500 trials take" in words and "may run for 5 s" in words


def named(done, check):
    [found] = [each for each in done.result["checks"] if each["name"] == check]
    assert found["result"] == "found" and found["field"], found
    return found["words"]


def test_one_that_was_skipped_is_left_alone(project, editor, queues):
    preflight = asked(project, editor, starts=True)
    skip_preflight(preflight)
    assert tried(preflight).state == "skipped"
    assert not Experiment.objects.exists()


def test_one_whose_worker_went_away_is_ended(project, editor, queues):
    preflight = asked(project, editor, starts=True)
    assert take_preflight(preflight.pk, 7) and not take_preflight(preflight.pk, 7)
    assert end_lost_preflights() == 0
    an_age_ago = timezone.now() - timedelta(hours=2)
    Preflight.objects.update(created=an_age_ago)
    assert end_lost_preflights() == 1
    preflight.refresh_from_db()
    assert (preflight.state, preflight.is_over) == ("failed", True)
    assert "stopped" in preflight.message


@pytest.mark.training
def test_a_real_model_is_measured(project, editor, queues, monkeypatch, training_pool):
    # What fits into a draw, and how many do, is no promise of a busy machine.
    monkeypatch.setattr("experiments.tuner.preflight.DRAW_SECONDS", 60.0)
    monkeypatch.setattr("experiments.tuner.preflight.SECONDS", 300.0)
    done = tried(asked(project, editor, protocol=Protocol("k_fold", folds=3)), training_pool)
    assert done.state == "passed", (done.message, done.result)
    largest = done.result["lines"][0]
    assert largest["parameters"] == 8 * 8 * 512 + 512 + 512 * 10 + 10
    assert largest["output_shape"] == [10]
    for name in ("epoch_seconds", "saving_seconds", "again_seconds"):
        assert 0 < largest[name] < done.result["seconds"], name
    # Three short epochs are over before the time that a draw has.
    first_draw = done.result["lines"][1]
    assert (first_draw["epochs_run"], first_draw["has_ended"]) == (3, True)
    assert largest["activation_bytes"] > 0 and largest["memory_bytes"] > 0
    assert done.result["estimate"]["executions"] == 3
