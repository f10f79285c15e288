"""Trials that people set aside: nothing learns from them, nothing hands them over, and all of it can be undone."""

import pytest

from experiments.models import Activity, Trial
from experiments.queues import SHORT, queue
from experiments.reports.sampling.history import load_history
from experiments.services.experiments.states import NotAllowed
from experiments.services.experiments.winner import RECOMMEND
from experiments.services.trials.set_aside import LONGEST, set_aside, take_back
from tests.examples import make_experiment

pytestmark = [pytest.mark.usefixtures("queues"), pytest.mark.both_databases]
WHY = "Trained with the wrong data"


@pytest.fixture
def experiment(project, editor):
    made = make_experiment(project, trials=12, running=1, state="running", by=editor)
    made.refresh_from_db()
    return made


def observed(experiment):
    return load_history(experiment, {}).trials


def test_a_trial_that_is_set_aside_is_neither_best_nor_learnt_from(experiment, editor):
    best = experiment.best_trial
    assert set_aside(experiment, [best.number], f"  {WHY}\n", by=editor) == [best.number]
    experiment.refresh_from_db()
    rest = experiment.trials.filter(Trial.SCORED).order_by("-score")
    assert experiment.best_trial == rest.first() != best
    seen = observed(experiment)[best.number]
    assert (seen.state, seen.score, seen.curve, seen.executions) == ("stopped", None, (), ())
    assert seen.values == best.values  # nor is it proposed again
    assert len(observed(experiment)) == 12
    best.refresh_from_db()
    assert (best.set_aside, best.state, best.score is None) == (WHY, "completed", False)
    line = Activity.objects.latest("pk")
    assert line.text == f"Set aside trial {best.number}: {WHY}" and line.user == editor


def test_taking_back_is_the_whole_undo(experiment, editor):
    before, best = observed(experiment), experiment.best_trial
    numbers = [trial.number for trial in experiment.trials.exclude(state="running")]
    set_aside(experiment, numbers, WHY, by=editor)
    experiment.refresh_from_db()
    assert experiment.best_trial is None and experiment.winner == {}
    assert take_back(experiment, numbers, by=editor) == numbers
    assert take_back(experiment, numbers, by=editor) == []
    experiment.refresh_from_db()
    assert experiment.best_trial == best
    assert observed(experiment) == before
    assert (
        "Restored trials 0, 1, 2, 3, 4, 5, 6, 7 and 3 more" in Activity.objects.latest("pk").text
    )


@pytest.mark.parametrize(
    ("numbers", "reason", "words"),
    [
        ([0], " \n ", "Enter a reason"),
        ([0], "x" * (LONGEST + 1), "longer than 300"),
        ([], WHY, "Enter numbers of trials"),
        ([0, 999], WHY, "Enter numbers of trials"),
        (range(501), WHY, "At most 500"),
        ([0, 11], WHY, "Trial 11 has not ended"),
    ],
)
def test_what_cannot_be_set_aside_changes_nothing(experiment, editor, numbers, reason, words):
    with pytest.raises(NotAllowed, match=words):
        set_aside(experiment, numbers, reason, by=editor)
    assert not experiment.trials.exclude(set_aside="").exists()


def test_live_pages_hear_of_it(experiment, editor):
    set_aside(experiment, [2], WHY, by=editor)
    trial = experiment.trials.get(number=2)
    experiment.refresh_from_db()
    assert trial.event_serial == experiment.event_serial


def test_the_models_are_asked_again_which_trial_to_hand_over(
    experiment, editor, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        set_aside(experiment, [2], WHY, by=editor)
    (job,) = queue(SHORT).jobs
    assert (job.func_name, job.args) == (RECOMMEND, (experiment.pk,))
    job.func(*job.args)  # it is there, and takes it
