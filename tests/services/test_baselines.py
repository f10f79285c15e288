"""Baselines: which ones a search gets, on which parts, and that they begin first."""

import pytest

from experiments.models import Purpose
from experiments.services.baselines import start_baselines, start_search
from tests.searches import make_experiment, make_seat, run_search


@pytest.fixture
def draft(project, queues):
    return make_experiment(project, max_trials=2, repeats=2)


def test_a_linear_model_and_the_default_values_run_on_the_search_s_parts(draft, owner):
    start_search(draft, by=owner)
    linear, defaults = draft.follow_ups.order_by("pk")
    assert {linear.purpose, defaults.purpose} == {Purpose.BASELINE}
    assert linear.hypermodel_version.hypermodel.slug == "linear"
    assert defaults.hypermodel_version == draft.hypermodel_version
    run_search(draft, make_seat())
    for run in (linear, defaults):
        run_search(run, make_seat())
        assert run.state == "completed"
        assert run.split_hash == draft.split_hash
        [trial] = run.trials.all()
        assert trial.executions.count() == 2
    assert defaults.trials.get().values["units"] == 128


def test_a_sampler_that_begins_at_the_defaults_needs_no_extra_run(draft, owner):
    draft.sampler = "bayesian"
    draft.save()
    start_search(draft, by=owner)
    assert [run.hypermodel_version.hypermodel.slug for run in draft.follow_ups.all()] == ["linear"]


def test_the_form_may_leave_them_out(draft, owner):
    draft.plan |= {"baselines": False}
    draft.save()
    start_search(draft, by=owner)
    assert not draft.follow_ups.exists()
    draft.refresh_from_db()
    assert draft.state == "queued"


def test_they_are_made_once(draft, owner):
    assert len(start_baselines(draft, by=owner)) == 2
    assert start_baselines(draft, by=owner) == []
