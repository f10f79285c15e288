"""Configurations that people put into a running search: what is taken, refused, tried and taken back."""

import pytest

from experiments.models import Activity, Experiment, QueuedConfiguration
from experiments.reports.sampling.replay import replay
from experiments.search.problems import SpaceError
from experiments.services.experiments.lifecycle import (
    pause_experiment,
    resume_experiment,
    start_experiment,
)
from experiments.services.experiments.states import NotAllowed
from experiments.services.site.invariants import broken_invariants
from experiments.services.trials.lifecycle import LookAgain, add_trial
from experiments.services.trials.queued_configurations import (
    AlreadyThere,
    NoRoom,
    queue_by_hand,
    take_queued,
    withdraw,
)
from experiments.tuner.turn import propose, take_turn
from experiments.web.forms.experiment.configurations import space_of
from tests.searches import make_experiment, make_seat, run_search

pytestmark = pytest.mark.both_databases


@pytest.fixture
def search(project, owner, queues):
    """A search of six trials that has started, and tried nothing yet."""
    experiment = make_experiment(project, max_trials=6)
    start_experiment(experiment, by=owner)
    return experiment


def values_of(experiment, **changed):
    return space_of(experiment).defaults() | changed


def test_it_is_tried_next_and_says_by_whom(search, editor):
    take_turn(search.pk, make_seat())
    queue_by_hand(search, [values_of(search, units=416)], by=editor)
    run_search(search, make_seat())
    trials = list(search.trials.order_by("number"))
    assert len(trials) == 6
    assert [trial.origin for trial in trials] == ["sampler", "hand", *["sampler"] * 4]
    assert trials[1].values["units"] == 416
    assert (trials[1].kind, trials[1].why) == ("manual", "Queued manually by editor.")
    assert trials[1].state == "completed"
    assert search.queued.get().trial == trials[1]
    assert replay(search).is_equal
    assert not any(broken_invariants().get(name) for name in ("I3", "I5"))


def test_several_keep_their_order_and_their_origin_is_told(search, editor):
    take_turn(search.pk, make_seat())
    wanted = [values_of(search, units=units) for units in (512, 64, 288)]
    queue_by_hand(search, wanted, by=editor, taken_from=0)
    run_search(search, make_seat())
    trials = search.trials.filter(origin="hand").order_by("number")
    assert [trial.values["units"] for trial in trials] == [512, 64, 288]
    assert {trial.why for trial in trials} == {"Queued manually by editor, from trial 0."}
    lines = Activity.objects.filter(verb="trial.queued", user=editor)
    assert lines.count() == 3
    assert "units 512" in lines.earliest("pk").text


def test_a_sampler_that_was_asked_before_gives_way(search, editor):
    asked = propose(search)
    queue_by_hand(search, [values_of(search, units=416)], by=editor)
    search.refresh_from_db()
    Experiment.objects.filter(pk=search.pk).update(state="running")
    with pytest.raises(LookAgain):
        add_trial(search.pk, asked)
    assert take_queued(search.pk).values["units"] == 416
    assert take_queued(search.pk) is None


def test_what_waits_survives_a_pause(search, editor):
    take_turn(search.pk, make_seat())
    pause_experiment(search, by=editor)
    queue_by_hand(search, [values_of(search, units=416)], by=editor)
    take_turn(search.pk, make_seat())
    assert search.trials.count() == 1
    resume_experiment(search, by=editor)
    run_search(search, make_seat())
    assert search.trials.get(number=1).origin == "hand"


def test_equal_values_are_refused_unless_they_are_wanted_again(search, editor):
    run_search(search, make_seat(), turns=2)
    tried = search.trials.get(number=1)
    with pytest.raises(AlreadyThere, match="Trial 1 already has these values") as refusal:
        queue_by_hand(search, [values_of(search, units=416), tried.values], by=editor)
    assert (refusal.value.place, refusal.value.number) == (1, 1)
    assert not QueuedConfiguration.objects.exists()
    queue_by_hand(search, [tried.values], by=editor, again=True)
    run_search(search, make_seat())
    again = search.trials.get(number=2)
    assert again.values_key == tried.values_key
    assert again.seed != tried.seed
    assert replay(search).is_equal


def test_what_waits_already_and_rows_that_are_equal_are_refused(search, editor, owner):
    values = values_of(search, units=416)
    with pytest.raises(AlreadyThere, match="Row 1 has the same values"):
        queue_by_hand(search, [values, dict(reversed(values.items()))], by=editor)
    queue_by_hand(search, [values], by=editor)
    with pytest.raises(AlreadyThere, match="editor already queued these values"):
        queue_by_hand(search, [values], by=owner)


def test_values_of_no_configuration_are_refused(search, editor):
    with pytest.raises(SpaceError):
        queue_by_hand(search, [values_of(search, units=10**6)], by=editor)
    with pytest.raises(SpaceError):
        queue_by_hand(search, [{"units": 64}], by=editor)


def test_the_budget_makes_room_only_when_asked(search, editor):
    run_search(search, make_seat(), turns=5)
    wanted = [values_of(search, units=units, dropout=0.5) for units in (512, 64, 288)]
    with pytest.raises(NoRoom, match="budget of 6 trials has room for 1 more, but 3") as refusal:
        queue_by_hand(search, wanted, by=editor)
    assert refusal.value.needed == 8
    revision = search.revision
    queue_by_hand(search, wanted, by=editor, raise_budget=True)
    search.refresh_from_db()
    assert (search.max_trials, search.revision) == (8, revision + 1)
    run_search(search, make_seat())
    assert search.trials.filter(origin="hand", state="completed").count() == 3
    assert Activity.objects.filter(verb="experiment.edited", user=editor).count() == 1


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("draft", "has not started"),
        ("stopping", "is stopping"),
        ("stopped", "has ended"),
        ("completed", "has ended"),
        ("failed", "has ended"),
    ],
)
def test_a_search_that_is_over_takes_none(search, editor, state, words):
    Experiment.objects.filter(pk=search.pk).update(state=state)
    with pytest.raises(NotAllowed, match=words):
        queue_by_hand(search, [values_of(search)], by=editor)


def test_it_can_be_withdrawn_while_it_waits(search, editor, owner):
    (queued,) = queue_by_hand(search, [values_of(search, units=416)], by=editor)
    withdraw(search, queued.pk, by=owner)
    with pytest.raises(NotAllowed, match="already withdrawn"):
        withdraw(search, queued.pk, by=owner)
    line = Activity.objects.get(verb="trial.withdrawn")
    assert line.user == owner
    (again,) = queue_by_hand(search, [values_of(search, units=416)], by=editor)
    take_turn(search.pk, make_seat())
    with pytest.raises(NotAllowed, match="It already runs as trial 0"):
        withdraw(search, again.pk, by=editor)
    with pytest.raises(NotAllowed, match="no such configuration"):
        withdraw(make_experiment(search.project), again.pk, by=editor)
    run_search(search, make_seat())
    assert search.trials.filter(origin="hand").count() == 1


def test_a_search_whose_sampler_has_nothing_left_still_tries_it(search, editor, monkeypatch):
    class Silent:
        label = slug = help = "silent"

        def problems(self, space):
            return []

        def suggest(self, space, history, number, rng):
            # It is queued while the sampler finds out that it has nothing to say.
            if not QueuedConfiguration.objects.exists():
                queue_by_hand(search, [values_of(search, units=416)], by=editor)

    monkeypatch.setattr("experiments.tuner.turn.sampler_of", lambda *_: Silent())
    run_search(search, make_seat())
    assert search.trials.get().origin == "hand"
    assert search.state == "completed"
