"""Scripts whose tuner or HyperModel trains by itself: the space, the form, and trials that ran."""

from dataclasses import replace

import pytest

from experiments.models import Experiment
from experiments.services.code.versions import add_code
from experiments.services.experiments.lifecycle import (
    create_experiment,
    pause_experiment,
    resume_experiment,
    start_experiment,
)
from experiments.tuner import code_reading
from experiments.tuner.script_output import output_of
from tests.pasted_tuners import (
    BATCHES,
    GIVEN,
    LOOP,
    NO_MODEL,
    PAUSABLE,
    PAUSABLE_LOOP,
    SCORES,
)
from tests.searches import make_dataset, make_seat, run_search
from tests.tuner.conftest import plan_in_form

pytestmark = pytest.mark.training


def names_of(version):
    return [row["name"] for row in version.reading["rows"]]


def completed(experiment):
    trials = list(experiment.trials.order_by("number"))
    assert [trial.state for trial in trials] == ["completed"] * 2, trials[0].failure_message
    return trials


def test_a_loop_of_ones_own_trains_a_model_that_is_not_compiled(project, pasted, searched):
    dataset = make_dataset(project)
    version = pasted(LOOP)
    assert names_of(version) == ["units", "batch_size", "learning_rate"]
    plan = plan_in_form(project, version, dataset)
    assert (plan.expression, plan.direction) == ("my_metric", "minimize")
    experiment = searched(plan)
    for trial in completed(experiment):
        history = trial.executions.get().history
        assert len(history["my_metric"]) == 2 and trial.score == min(history["my_metric"])


def test_a_run_trial_that_asks_for_the_batch_size_and_goes_on(project, pasted, searched):
    dataset = make_dataset(project)
    version = pasted(BATCHES)
    assert names_of(version) == ["units", "batch_size", "epochs"]
    plan = plan_in_form(project, version, dataset)
    assert (plan.sampler, plan.objective) == ("bayesian", "val_accuracy")
    for trial in completed(searched(plan)):
        assert len(trial.executions.get().history["val_accuracy"]) == trial.values["epochs"]


def test_a_run_trial_that_scores_by_itself(project, pasted, searched):
    dataset = make_dataset(project)
    version = pasted(SCORES)
    plan = plan_in_form(project, version, dataset)
    assert (plan.sampler, plan.budget.max_trials) == ("bayesian", 2)
    plan = replace(
        plan, protocol=replace(plan.protocol, kind="holdout", repeats=1)
    )  # of five folds
    for trial in completed(searched(plan)):
        assert trial.score > 0


def test_what_the_tuner_is_given_counts(project, pasted, searched):
    dataset = make_dataset(project)
    version = pasted(GIVEN)
    rows = {row["name"]: row for row in version.reading["rows"]}
    assert list(rows) == ["units", "unused"] and rows["units"]["choices"] == [16, 32]
    plan = plan_in_form(project, version, dataset)
    assert [each.name for each in plan.more_objectives] == ["val_loss"]
    experiment = searched(plan)
    for trial in completed(experiment):
        assert trial.values["units"] in (16, 32)
        assert {"val_accuracy", "val_loss"} <= set(trial.executions.get().history)
    output = output_of(experiment)
    assert output is None or "Results summary" in str(output)


def test_a_tuner_without_a_model_is_sent_to_the_chief(project, author, queues, reader):
    version = add_code(project, "Any", NO_MODEL, by=author)
    code_reading.read_code(version.pk)
    version.refresh_from_db()
    assert version.reading["state"] == "failed"
    assert "Connect a script" in version.reading["problem"]
    assert NO_MODEL.splitlines()[version.reading["line"] - 1] == "tuner.search()"


class Pausing:
    """A pool that makes a wish while the first trial is at its third epoch."""

    def __init__(self, pool, wish):
        self.pool, self.instruction = pool, wish

    def run(self, order):
        run = self.pool.run(order)
        receive = run.receive

        def and_wish(timeout):
            message = receive(timeout)
            if getattr(message, "epoch", 0) == 3 and self.instruction:
                wish, self.instruction = self.instruction, None
                wish()
            return message

        run.receive = and_wish
        return run


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(PAUSABLE, id="fit"),
        pytest.param(PAUSABLE_LOOP, id="loop", marks=pytest.mark.thorough),
    ],
)
def test_a_search_whose_run_trial_trains_by_itself_is_paused_and_resumed(
    project, author, pasted, worker_pool, source
):
    dataset = make_dataset(project)
    plan = plan_in_form(project, pasted(source), dataset)
    experiment = create_experiment(project, plan, by=author)
    start_experiment(experiment, by=author)
    seat = make_seat(Pausing(worker_pool, lambda: pause_experiment(experiment, by=author)))
    run_search(experiment, seat)
    assert experiment.state == Experiment.State.PAUSED
    trial = experiment.trials.get()
    assert trial.state == "waiting" and 3 <= trial.epochs < 12
    resume_experiment(experiment, by=author)
    run_search(experiment, seat)
    trial = experiment.trials.get()
    assert trial.state == "completed", trial.failure_message
    execution = trial.executions.get()
    assert len(execution.history["val_accuracy"]) == 12
    assert ("restarts at epoch 1" in execution.log) == (source == PAUSABLE_LOOP)
