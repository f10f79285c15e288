"""What is tested against a baseline: no execution's own luck with its epochs."""

from experiments.models import Execution
from experiments.reports.winner.baselines import fair_scores
from experiments.services.experiments.lifecycle import start_experiment
from tests.searches import make_experiment, make_seat, run_search


def lucky(project, owner, **more):
    """A search whose trial 0 has curves that peak at different epochs."""
    search = make_experiment(project, max_trials=1, repeats=3, **more)
    start_experiment(search, by=owner)
    run_search(search, make_seat())
    search.refresh_from_db()
    for index, peak in enumerate([0, 1, 2]):
        curve = [0.5 + 0.4 * (epoch == peak) for epoch in range(3)]
        Execution.objects.filter(trial__experiment=search, index=index).update(
            history={search.objective: curve}, score=0.9
        )
    return search, search.trials.get(number=0)


def test_luck_with_epochs_does_not_count(project, owner, queues):
    search, trial = lucky(project, owner)
    assert fair_scores(search, trial) == (0.5, 0.5, 0.5)


def test_a_score_that_picks_no_epoch_stays(project, owner, queues):
    search, trial = lucky(project, owner)
    search.plan["score_rule"] = "last"
    assert fair_scores(search, trial) == (0.9, 0.9, 0.9)


def test_a_missing_curve_leaves_the_scores(project, owner, queues):
    search, trial = lucky(project, owner)
    Execution.objects.filter(trial=trial, index=1).update(history={})
    assert fair_scores(search, trial) == (0.9, 0.9, 0.9)
