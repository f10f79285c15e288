"""Baselines: which ones a search gets, on which parts, and that they begin first."""

from dataclasses import replace

import pytest

from experiments.evaluation.keep import stored_keep
from experiments.models import Artifact, Experiment, Purpose, Trial
from experiments.services.experiments.baselines import start_baselines, start_search
from experiments.services.experiments.lifecycle import (
    archive_experiment,
    pause_experiment,
    restore_experiment,
    resume_experiment,
    stop_experiment,
)
from experiments.services.site.file_cleanup import clean_up, keep_by_rule
from experiments.services.trials.lifecycle import claim_next
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


def test_the_default_configuration_runs_whole_where_the_search_would_prune_it(draft, owner):
    """Also beside a sampler that begins with it: that trial may be pruned or skip folds."""
    Experiment.objects.filter(pk=draft.pk).update(sampler="bayesian", pruner="asha")
    replan(draft, protocol=replace(draft.protocol, kind="k_fold", folds=3, racing=True))
    draft.refresh_from_db()
    start_search(draft, by=owner)
    linear, defaults = draft.follow_ups.order_by("pk")
    for run in (linear, defaults):
        assert (run.pruner, run.protocol.races) == ("none", False)
        assert (run.max_trials, run.split_hash) == (1, draft.split_hash)
    assert defaults.hypermodel_version == draft.hypermodel_version
    assert draft.max_trials == 2  # they cost the search no trial


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


def states(search):
    return [run.state for run in search.follow_ups.order_by("pk")]


def test_a_pause_pauses_them_and_resuming_resumes_them(draft, owner):
    start_search(draft, by=owner)
    pause_experiment(draft, by=owner)
    assert states(draft) == ["paused", "paused"]
    resume_experiment(draft, by=owner)
    assert states(draft) == ["queued", "queued"]
    for run in draft.follow_ups.all():
        run_search(run, make_seat())
        assert run.state == "completed"


def test_a_stop_stops_them_and_resuming_queues_their_trials_again(draft, owner):
    start_search(draft, by=owner)
    first = draft.follow_ups.order_by("pk")[0]
    run_search(first, make_seat())
    stop_experiment(draft, by=owner)
    assert states(draft) == ["completed", "stopped"]
    second = draft.follow_ups.order_by("pk")[1]
    assert second.trials.get().state == Trial.State.STOPPED
    resume_experiment(draft, by=owner)
    assert states(draft) == ["completed", "queued"]
    run_search(second, make_seat())
    assert second.state == "completed"
    assert second.trials.get().state == Trial.State.COMPLETED


def test_a_running_baseline_stops_at_its_next_epoch(draft, owner):
    start_search(draft, by=owner)
    first = draft.follow_ups.order_by("pk")[0]
    claim_next(first.pk, worker="worker-a")
    stop_experiment(draft, by=owner)
    assert states(draft) == ["stopping", "stopped"]


def test_a_confirmation_goes_on_when_its_search_is_stopped(draft, owner):
    start_search(draft, by=owner)
    draft.follow_ups.update(purpose=Purpose.CONFIRMATION)
    stop_experiment(draft, by=owner)
    assert states(draft) == ["queued", "queued"]


def test_they_go_to_the_archive_with_their_search_and_come_back(draft, owner):
    start_search(draft, by=owner)
    stop_experiment(draft, by=owner)
    archive_experiment(draft, by=owner)
    assert not draft.follow_ups.filter(archived=None).exists()
    restore_experiment(draft, by=owner)
    assert not draft.follow_ups.exclude(archived=None).exists()


def test_a_search_whose_baselines_run_is_archived_when_they_are_stopped(draft, owner):
    start_search(draft, by=owner)
    run_search(draft, make_seat())
    assert draft.state == "completed"
    archive_experiment(draft, by=owner)
    assert states(draft) == ["stopped", "stopped"]


def test_their_models_stay_whatever_rule_the_search_has(draft, owner):
    keep = replace(stored_keep(draft.plan), models="none", predictions="none", days=0)
    replan(draft, keep=keep)
    start_search(draft, by=owner)
    for run in draft.follow_ups.all():
        run_search(run, make_seat())
        keep_by_rule(run.pk)
        clean_up(run, keep, by=owner)
        assert run.trials.get().artifacts.filter(kind=Artifact.Kind.MODEL).exists()
