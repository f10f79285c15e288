"""F2 of the fault matrix: a model whose code crashes its process takes nothing else along."""

import signal
from dataclasses import replace

import pytest

from experiments.models import Experiment, Trial
from experiments.plan import ExperimentPlan
from experiments.search.space.space import Space
from experiments.services.experiments.lifecycle import create_experiment, start_experiment
from experiments.training.messages import Failure, TrialEnd
from tests.searches import make_dataset, make_plan, make_seat, run_search
from tests.training.orders import drain, of
from tests.training.sources import CRASHING

pytestmark = pytest.mark.training


@pytest.fixture
def pool(training_pool):
    return training_pool


def test_f2_the_host_of_a_crashed_child_goes_on(pool, order):
    values = {"learning_rate": 0.01, "dropout": 0.1}
    host = pool.host_pid
    run = pool.run(order(values=values | {"units": CRASHING}))
    seen = drain(run)
    assert run.exit_status() == -signal.SIGSEGV
    assert not of(seen, TrialEnd) and not of(seen, Failure)
    run.close()

    following = pool.run(order(values=values | {"units": 64}))
    assert drain(following)[-1] == TrialEnd()
    assert following.exit_status() == 0
    assert pool.host_pid == host
    following.close()


def crashing_plan(version) -> ExperimentPlan:
    """Two configurations: one crashes, one trains."""
    plan = make_plan(version, epochs=1, max_trials=2)
    space = plan.space.to_dict()
    for row in space["hyperparameters"]:
        if row["name"] == "units":
            row.update(min=CRASHING - 1, max=CRASHING, step=1, default=CRASHING)
        elif row["type"] != "fixed":
            row.update(type="fixed", value=row["default"], choices=[], only_if=None)
    return replace(plan, space=Space.from_dict(space))


def test_f2_a_trial_whose_code_crashes_fails_as_killed_and_the_search_goes_on(
    pool, project, owner
):
    experiment = create_experiment(project, crashing_plan(make_dataset(project)), by=owner)
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat(pool))
    assert experiment.state == Experiment.State.COMPLETED
    trained, crashed = sorted(experiment.trials.all(), key=lambda trial: trial.values["units"])
    assert (crashed.state, crashed.failure_kind) == (Trial.State.FAILED, "killed")
    assert "SIGSEGV" in crashed.failure_message
    assert [a.failure_kind for a in crashed.attempts.all()] == ["killed"] * 3
    assert "Segmentation fault" in "".join(e.log for e in crashed.executions.all())
    assert trained.state == Trial.State.COMPLETED
