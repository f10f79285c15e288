"""Runs that began by themselves, as trials of a search."""

from datetime import timedelta

import pytest
from django.utils import timezone

from experiments.models import Experiment, Trial
from experiments.reports.sampling.replay import replay
from experiments.search.space.space import Space
from experiments.services.experiments.states import NotAllowed
from experiments.services.external.joined_runs import join
from experiments.services.external.searches import grow_space
from experiments.services.trials.expired_leases import Watch, release_stale
from experiments.services.trials.lifecycle import requeue_trial
from experiments.tuner.external_answers import NotOutside
from experiments.tuner.external_trials import ask, report, tell
from tests.outside import epochs, make_outside, space_of
from tests.searches import make_experiment

pytestmark = pytest.mark.both_databases

State = Trial.State


def test_runs_that_join_become_trials_and_widen_the_space(project, owner):
    experiment = make_outside(project, space=None, objective="", max_trials=1)
    for index, values in enumerate(({"lr": 0.1, "opt": "adam"}, {"lr": 0.001, "opt": "sgd"})):
        lease = join(experiment, values, worker="laptop", instance=str(index), by=owner)
        report(lease.token.hex, epochs(1.0, 0.5 + index, metric="val_loss"))
        tell(lease.token.hex)
    experiment.refresh_from_db()
    assert experiment.state == Experiment.State.COMPLETED
    assert experiment.state_reason == "All 2 runs have ended."
    assert (experiment.objective, experiment.direction) == ("val_loss", "minimize")
    assert [t.score for t in experiment.trials.order_by("number")] == [0.5, 1.0]
    space = Space.from_dict(experiment.space_versions.order_by("-number")[0].space)
    assert (space["lr"].min, space["lr"].max) == (0.001, 0.1)
    assert set(space["opt"].choices) == {"adam", "sgd"}
    assert replay(experiment).repeated == 0


def test_a_run_that_joined_and_fell_silent_is_nobody_elses(project, owner):
    experiment = make_outside(project)
    lease = join(experiment, {"lr": 0.1}, worker="x", instance="1", by=owner)
    Trial.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    watch = Watch()
    release_stale(watch, now=0.0)
    release_stale(watch, now=1000.0)
    trial = experiment.trials.get(pk=lease.trial)
    assert trial.state == State.FAILED
    with pytest.raises(NotAllowed, match="Queue its values manually"):
        requeue_trial(trial, by=owner)


def test_no_run_joins_a_search_of_our_workers(project, owner):
    experiment = make_experiment(project)
    with pytest.raises(NotAllowed, match="Name another experiment"):
        join(experiment, {}, worker="x", instance="1", by=owner)
    with pytest.raises(NotOutside):
        ask(experiment, worker="x")
    with pytest.raises(NotAllowed):
        grow_space(experiment, space_of({"name": "a", "type": "boolean"}))
