"""Limits beyond trials and time: epochs, slot-hours, failures, too little gain, search patience."""

from dataclasses import replace

import pytest
from django.urls import reverse
from django.utils import timezone

from experiments.models import Attempt, Experiment, Trial
from experiments.services.experiments import limits
from experiments.services.experiments.edits import edit_experiment
from experiments.services.experiments.lifecycle import resume_experiment, start_experiment
from experiments.services.experiments.states import NotAllowed
from tests.replay_pool import Recording, ReplayPool, smooth_curve
from tests.searches import make_dataset, make_experiment, make_seat, run_search
from tests.web.sending import send

pytestmark = pytest.mark.both_databases

State = Experiment.State


def search(project, owner, pool=None, **budget):
    experiment = make_experiment(project, **budget)
    start_experiment(experiment, by=owner)
    return run_search(experiment, make_seat(pool), turns=60)


def epochs_of(experiment):
    return sum(trial.epochs for trial in experiment.trials.all())


def test_a_budget_of_epochs_ends_the_search_and_is_raised_to_go_on(project, owner):
    experiment = search(project, owner, max_trials=50, epochs=3, max_epochs=8)
    assert experiment.state == State.COMPLETED
    assert experiment.state_reason == "The budget of 8 epochs is used up."
    assert experiment.trials.count() == 3
    assert epochs_of(experiment) == 8
    with pytest.raises(NotAllowed, match="Raise the budget"):
        resume_experiment(experiment, by=owner)
    edit_experiment(experiment, revision=1, by=owner, max_epochs=12)
    resume_experiment(experiment, by=owner)
    assert epochs_of(run_search(experiment, make_seat())) == 12


def test_a_budget_of_epochs_stops_a_long_trial_within_an_epoch_or_so(project, owner):
    pool = ReplayPool(seconds_per_epoch=0.05)
    experiment = search(project, owner, pool, max_trials=5, epochs=400, max_epochs=20)
    trial = experiment.trials.get()
    assert trial.state == Trial.State.STOPPED
    assert 20 <= trial.epochs <= 21


def test_a_budget_of_epochs_counts_every_execution(project, owner):
    pool = ReplayPool(seconds_per_epoch=0.02)
    experiment = search(project, owner, pool, max_trials=9, epochs=5, repeats=3, max_epochs=37)
    assert epochs_of(experiment) in (37, 38)


def test_trials_that_take_the_budget_to_the_last_epoch_are_complete(project, owner):
    experiment = search(project, owner, max_trials=50, epochs=3, max_epochs=6)
    assert [trial.state for trial in experiment.trials.all()] == [Trial.State.COMPLETED] * 2
    assert experiment.state_reason == "The budget of 6 epochs is used up."


@pytest.mark.parametrize(
    ("max_epochs", "done", "ended", "taken"),
    [
        (None, 0, None, False),
        (60, 0, None, False),
        (30, 0, None, True),  # 3 executions of 10 epochs each are ahead
        (35, 6, None, False),
        (30, 6, None, True),
        (45, 0, 12, False),  # an ended trial took 12: 33 are left, of which one needs 12
        (20, 0, 12, True),
    ],
)
def test_no_trial_begins_whose_epochs_those_that_run_will_take(
    project, max_epochs, done, ended, taken
):
    experiment = make_experiment(project, epochs=10, repeats=3, max_epochs=max_epochs)
    common = {
        "space_version": experiment.space_versions.get(),
        "split_hash": experiment.split_hash,
        "values": {"epochs": 10},
        "seed": 1,
    }
    Trial.objects.create(experiment=experiment, number=0, state="running", epochs=done, **common)
    if ended is not None:
        Trial.objects.create(
            experiment=experiment, number=1, state="completed", epochs=ended, **common
        )
    assert limits.epochs_are_taken(experiment) == taken


def test_slot_hours_count_every_slot(project, owner):
    experiment = make_experiment(project, max_trials=50, max_slot_seconds=3600)
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat(), turns=2)
    assert experiment.state in Experiment.TURNING
    hour = timezone.timedelta(minutes=31)
    for attempt in Attempt.objects.all():
        Attempt.objects.filter(pk=attempt.pk).update(started=attempt.ended - hour)
    run_search(experiment, make_seat())
    assert experiment.state == State.COMPLETED
    assert experiment.state_reason == "The budget of 1 slot-hours is used up."
    assert experiment.trials.count() == 2


def test_too_large_a_share_of_failures_fails_the_search(project, owner):
    def often(order, execution):
        curve = smooth_curve(order, execution)
        return replace(curve, fail_after=1) if order.number % 2 else curve

    experiment = search(project, owner, ReplayPool(often), max_trials=50, max_failed_share=0.4)
    assert experiment.state == State.FAILED
    assert experiment.state_reason == ("5 of 10 trials failed (50%); the limit is 40%.")


def test_a_search_that_would_gain_too_little_ends(project, owner):
    def level(order, execution):
        value = 0.9 + 0.001 * (order.number % 5)
        return Recording(({"val_accuracy": value, "loss": 1.0},))

    experiment = search(
        project, owner, ReplayPool(level), max_trials=50, epochs=1, least_gain=0.01
    )
    assert experiment.state == State.COMPLETED
    assert experiment.trials.count() == 10
    assert experiment.state_reason.startswith(
        "Another 20 trials would improve the score by about "
    )
    assert experiment.state_reason.endswith("less than the minimum improvement of 0.01.")


def test_without_a_least_gain_the_search_goes_on(project, owner):
    experiment = search(project, owner, max_trials=12)
    assert limits.gained_enough(experiment) == ""
    assert limits.gain_ahead(experiment) is not None
    assert experiment.state_reason == "The budget of 12 trials is used up."


def peaking(best):
    """Scores rise to the trial `best` and stay below it after."""

    def level(order, execution):
        value = 0.5 + 0.01 * min(order.number, 2 * best - order.number)
        return Recording(({"val_accuracy": value, "loss": 1.0},))

    return level


def test_a_search_ends_after_trials_without_a_better_score(project, owner):
    experiment = search(
        project, owner, ReplayPool(peaking(4)), max_trials=50, epochs=1, patience=6
    )
    assert (experiment.state, experiment.trials.count()) == (State.COMPLETED, 11)
    assert experiment.state_reason == (
        "6 trials without a better score than trial 4; the limit is 6."
    )
    resume_experiment(experiment, by=owner)
    assert run_search(experiment, make_seat(ReplayPool(peaking(4))), turns=60).trials.count() == 17


def test_failed_trials_are_no_reason_to_end(project, owner):
    def often(order, execution):
        curve = peaking(0)(order, execution)
        return replace(curve, fail_after=0) if order.number % 2 else curve

    experiment = search(
        project, owner, ReplayPool(often), max_trials=8, epochs=1, patience=4, max_failures=9
    )
    assert experiment.state_reason == "The budget of 8 trials is used up."


@pytest.mark.usefixtures("queues")
def test_the_patience_of_a_search_is_set_by_its_form_shown_edited_and_cloned(
    client, project, editor
):
    client.force_login(editor)
    new = reverse("experiments:new", args=[project.slug])
    send(client, new, make_dataset(), search_patience="7")
    experiment = Experiment.objects.get(name="First")
    assert experiment.budget.patience == experiment.plan["budget"]["patience"] == 7

    def page(name, **query):
        address = reverse(f"experiments:{name}", args=[experiment.code])
        return client.get(address, query).content.decode()

    assert "Search patience" in page("protocol") and "7 trials" in page("protocol")
    assert 'value="9"' in page("edit", patience="9")
    assert 'name="search_patience"' in page("clone") and 'value="7"' in page("clone")
    edited = {"revision": str(experiment.revision), "search_patience": "0"}
    address = reverse("experiments:edit", args=[experiment.code])
    refused = client.post(address, edited)
    assert refused.status_code == 422
    assert "Must be between 1 and 100,000" in refused.content.decode()
    client.post(address, edited | {"search_patience": "12"})
    experiment.refresh_from_db()
    assert experiment.budget.patience == 12
