"""Baselines: which ones a search gets, on which parts, and that they begin first."""

from dataclasses import replace

import pytest

from experiments.models import Purpose
from experiments.services.experiments.baselines import start_baselines, start_search
from tests.examples import replan
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


def test_the_linear_model_gets_time_to_be_as_good_as_it_can(draft, owner):
    """Early stopping that suits the search's own models must not make a straw man of it."""
    fit = replace(
        draft.fit,
        early_stopping_patience=1,
        early_stopping_baseline=0.99,
        early_stopping_start_from_epoch=2,
        early_stopping_min_delta=0.1,
    )
    replan(draft, fit=fit)
    linear, defaults = start_baselines(draft, by=owner)
    assert defaults.fit == draft.fit
    assert linear.fit.early_stopping_patience == 10
    assert linear.fit.early_stopping_baseline is None
    assert linear.fit.early_stopping_start_from_epoch == 0
    assert linear.fit.early_stopping_min_delta == 0
    values = linear.trials.get().values
    assert (values["learning_rate"], values["epochs"]) == (0.03, 100)


def test_a_search_without_early_stopping_has_a_linear_model_without(draft, owner):
    replan(draft, fit=replace(draft.fit, early_stopping_patience=None))
    linear, _defaults = start_baselines(draft, by=owner)
    assert linear.fit.early_stopping_patience is None
