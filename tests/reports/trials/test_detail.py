"""What a trial's page knows of its executions."""

import pytest

from experiments.evaluation.protocol import Protocol
from experiments.models import Execution
from experiments.reports.trials.detail import trial_page
from tests.examples import replan
from tests.searches import make_experiment

SCORES = [0.90, 0.92, 0.88, 0.91, 0.89]


def scored_trial(project, protocol, scores):
    experiment = make_experiment(project)
    replan(experiment, protocol=protocol)
    experiment.refresh_from_db()
    trial = experiment.trials.create(
        number=0,
        values={"epochs": 2, "batch_size": 32},
        state="completed",
        space_version=experiment.space_versions.get(),
        seed=1,
    )
    for index, score in enumerate(scores):
        Execution.objects.create(
            trial=trial, index=index, part=index, repeat=0, seed=index, score=score
        )
    return trial


def test_the_interval_of_folds_is_wider_than_that_of_seeds(project):
    folds = trial_page(scored_trial(project, Protocol("k_fold", folds=5), SCORES)).interval
    seeds = trial_page(scored_trial(project, Protocol(repeats=5), SCORES)).interval
    assert folds.mean == seeds.mean == pytest.approx(0.9)
    assert folds.half_width == pytest.approx(seeds.half_width * 1.5)


def test_one_score_has_no_interval(project):
    assert trial_page(scored_trial(project, Protocol(), [0.9])).interval is None


def test_the_interval_of_two_folds_holds_only_what_a_share_can_be(project):
    """Seen: "accuracy ±2.20"."""
    sure = trial_page(scored_trial(project, Protocol("k_fold", folds=2), [0.6, 0.9])).interval
    assert (sure.low, sure.high) == (0, 1)
    assert sure.half_width == sure.mean == pytest.approx(0.75)
