"""Fold racing in the loop: a trial that can't win any more is spared its other executions."""

import pytest
from django.urls import reverse

from experiments.evaluation.protocol import Protocol
from experiments.models import Execution, Experiment, Trial
from experiments.reports.experiments.head import raced_words
from experiments.reports.sampling.history import load_history
from experiments.reports.sampling.replay import replay
from experiments.search.models.observations import observe
from experiments.search.space.space import Space
from experiments.services.experiments.lifecycle import start_experiment
from experiments.services.site.invariants import broken_invariants
from tests.examples import replan
from tests.replay_pool import Recording, ReplayPool
from tests.searches import make_experiment, make_seat, run_search

FOLDS = [0.00, 0.03, -0.02, 0.01, -0.02]
QUALITY = [0.80, 0.79, 0.78, 0.81, 0.40]


def script(order, execution):
    part = next(e.part for e in order.executions if e.execution == execution.execution)
    wobble = 0.002 * ((order.number * 7 + part * 3) % 5)
    value = QUALITY[order.number] + FOLDS[part] + wobble
    return Recording(tuple({"val_accuracy": value, "loss": 1.0} for _ in range(order.fit.epochs)))


def search(project, owner, **changes):
    experiment = make_experiment(project, max_trials=len(QUALITY), epochs=2)
    replan(experiment, protocol=Protocol(kind="k_fold", folds=5, **changes))
    Experiment.objects.filter(pk=experiment.pk).update(direction="maximize", parallel=1)
    experiment.refresh_from_db()
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat(ReplayPool(script, seconds_per_epoch=0.01)), turns=40)
    return experiment


def test_the_hopeless_trial_is_spared_its_last_folds(project, owner):
    experiment = search(project, owner)
    assert experiment.state == Experiment.State.COMPLETED
    lost = experiment.trials.get(number=4)
    assert lost.state == Trial.State.PRUNED
    assert lost.failure_message.startswith("Can't win: after 1 of 5 executions")
    done = list(lost.executions.values_list("state", flat=True))
    assert done == [Execution.State.COMPLETED] + [Execution.State.PRUNED] * 4
    assert experiment.trials.get(number=3).state == Trial.State.COMPLETED
    assert experiment.best_trial.number == 3
    assert raced_words(experiment, 5) == (
        "Fold racing skipped 4 of 25 executions of 1 trial that could not win."
    )
    assert broken_invariants() == {}


def test_without_racing_every_fold_is_trained(project, owner):
    experiment = search(project, owner, racing=False)
    assert {trial.state for trial in experiment.trials.all()} == {"completed"}
    assert raced_words(experiment, 5) == ""


def test_the_sampler_learns_how_far_behind_it_was(project, owner):
    experiment = search(project, owner)
    history = load_history(experiment, {})
    space = Space.from_dict(experiment.space_versions.get().space)
    seen = observe(space, history)
    lost = seen.loss[4]
    best = experiment.best_trial.score
    assert -lost == pytest.approx(best - 0.41, abs=0.02)


def test_a_search_that_raced_replays(project, owner):
    assert replay(search(project, owner)).is_equal


def test_the_page_of_a_lost_trial_tells_what_was_measured(project, owner, client):
    experiment = search(project, owner)
    client.force_login(owner)
    page = client.get(reverse("trials:detail", args=[experiment.code, 4])).content.decode()
    assert "1 of 5 executions completed" in page
    assert "Can&#x27;t win: after" in page
