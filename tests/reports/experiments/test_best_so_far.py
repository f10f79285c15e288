"""The small step lines of the home page."""

import pytest

from experiments.models import Trial
from experiments.reports.experiments.best_so_far import improvements, step_points
from tests.examples import make_experiment

pytestmark = pytest.mark.both_databases


def score(experiment, scores):
    for number, value in enumerate(scores):
        Trial.objects.filter(experiment=experiment, number=number).update(score=value)


@pytest.mark.parametrize(
    ("direction", "steps"),
    [
        ("maximize", [(0, 0.5), (2, 0.7), (5, 0.9)]),
        ("minimize", [(0, 0.5), (1, 0.4), (6, 0.1)]),
    ],
)
def test_only_what_became_better_is_a_step(project, direction, steps):
    experiment = make_experiment(project, trials=8)
    experiment.direction = direction
    experiment.save()
    score(experiment, [0.5, 0.4, 0.7, 0.7, None, 0.9, 0.1, 0.6])
    assert improvements([experiment]) == {experiment.pk: steps}


def test_what_people_set_aside_is_never_the_best(project):
    experiment = make_experiment(project, trials=3)
    score(experiment, [0.5, 0.9, 0.7])
    Trial.objects.filter(experiment=experiment, number=1).update(set_aside="Wrong data")
    assert improvements([experiment]) == {experiment.pk: [(0, 0.5), (2, 0.7)]}


def test_a_score_that_is_no_number_is_never_the_best(project):
    experiment = make_experiment(project, trials=4)
    score(experiment, [0.5, float("nan"), 0.6, float("inf")])
    assert improvements([experiment]) == {experiment.pk: [(0, 0.5), (2, 0.6)]}


def test_trials_that_failed_or_were_pruned_do_not_count(project):
    experiment = make_experiment(project, trials=3)
    score(experiment, [0.5, 0.9, 0.6])
    experiment.trials.filter(number=1).update(state="pruned")
    assert improvements([experiment]) == {experiment.pk: [(0, 0.5), (2, 0.6)]}


def test_searches_are_told_apart(project):
    one, two = (make_experiment(project, name=name, trials=2) for name in "ab")
    score(one, [0.1, 0.2])
    score(two, [0.4, 0.3])
    assert improvements([one, two]) == {one.pk: [(0, 0.1), (1, 0.2)], two.pk: [(0, 0.4)]}


def test_the_line_steps_from_trial_to_trial_and_runs_to_the_last():
    assert step_points([(0, 0.0), (5, 1.0)], 10) == "0.0,26.0 60.0,26.0 60.0,2.0 120.0,2.0"
    assert step_points([(3, 0.5)], 10) == "36.0,14.0 120.0,14.0"
    assert step_points([(3, 0.5)], 3) == ""
    assert step_points([], 10) == ""
