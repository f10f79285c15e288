"""Every suggestion of a search follows from its record: in parallel, with failures and promotions."""

from dataclasses import replace
from io import StringIO
from zlib import crc32

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from experiments.models import Experiment, Trial
from experiments.reports.sampling.replay import replay
from experiments.reports.sampling.sampler_inputs import epochs_seen, seen, states_seen
from experiments.search.history import History, ObservedTrial
from experiments.search.strategy import Suggestion
from experiments.services.experiments.lifecycle import start_experiment
from experiments.services.trials.lifecycle import requeue_trial
from experiments.tuner.turn import propose, take_turn
from tests.examples import replan
from tests.replay_pool import ReplayPool, smooth_curve
from tests.searches import make_experiment, make_seat, run_search


class Nosy:
    """A sampler whose answer depends on everything that it may see."""

    slug = label = "nosy"
    help = "Depends on everything."

    def problems(self, space):
        return []

    def suggest(self, space, history, number, rng):
        trials = [(t.state, t.score, t.curve, t.executions) for t in history.trials]
        told = repr((trials, history.planned, history.slots))
        heard = np.random.default_rng([*rng.bytes(4), crc32(told.encode())])
        return Suggestion(space.draw(heard), "It saw everything.")


@pytest.fixture
def nosy(monkeypatch):
    for maker in (
        "experiments.tuner.turn.sampler_of",
        "experiments.reports.sampling.replay.make_sampler",
    ):
        monkeypatch.setattr(maker, lambda *_: Nosy())


def some_fail(order, execution):
    curve = smooth_curve(order, execution)
    return replace(curve, fail_after=2) if order.number % 4 == 1 else curve


class Crowd(ReplayPool):
    """While one trial begins, other workers take turns: up to four trials run at a time."""

    def __init__(self, experiment, script, depth=1):
        super().__init__(script, seconds_per_epoch=0.005)
        self.experiment = experiment
        self.depth = depth

    def run(self, order):
        if self.depth < 4 and order.number % 3:
            inner = Crowd(self.experiment, self.script, self.depth + 1)
            take_turn(self.experiment.pk, make_seat(inner, name=f"worker-{self.depth}"))
        return super().run(order)


def test_four_at_a_time_with_failures_and_promotions(project, owner, nosy):
    experiment = make_experiment(
        project, epochs=9, max_trials=14, max_failures=50, parallel=4, repeats=2
    )
    Experiment.objects.filter(pk=experiment.pk).update(pruner="asha")
    replan(experiment, pruner_options={"levels": 2})
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat(Crowd(experiment, some_fail)), turns=80)
    assert experiment.trials.count() == 14
    assert experiment.trials.filter(state="failed").exists()
    assert experiment.trials.filter(attempts__why__startswith="Promoted").exists()
    assert max(trial.saw["states"].count("r") for trial in experiment.trials.all()) >= 1
    assert max("h" in trial.saw["states"] for trial in experiment.trials.all())
    found = replay(experiment)
    assert found.first is None
    assert (found.repeated, found.equal) == (14, 14)


def test_a_failure_that_was_mended_later_was_a_failure_then(project, owner, nosy):
    broken = [True]

    def first_breaks(order, execution):
        curve = smooth_curve(order, execution)
        return replace(curve, fail_after=1) if order.number == 0 and broken else curve

    experiment = make_experiment(project, max_trials=3)
    start_experiment(experiment, by=owner)
    pool = ReplayPool(first_breaks)
    run_search(experiment, make_seat(pool))
    broken.clear()
    Experiment.objects.filter(pk=experiment.pk).update(max_trials=4, parallel=3)
    requeue_trial(experiment.trials.get(number=0), by=owner)
    run_search(experiment, make_seat(pool))
    assert {t.state for t in experiment.trials.all()} == {"completed"}
    assert replay(experiment).is_equal


def test_the_command_reports_and_names_the_first_difference(project, owner):
    experiment = make_experiment(project, max_trials=4)
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat())
    out = StringIO()
    call_command("replay", str(experiment.code), stdout=out)
    assert "4 of 4 suggestions equal, 100%" in out.getvalue()

    trial = experiment.trials.get(number=2)
    trial.values["units"] += 1
    trial.save()
    out = StringIO()
    with pytest.raises(SystemExit) as exit_:
        call_command("replay", str(experiment.pk), stdout=out)
    assert exit_.value.code == 1
    assert "3 of 4 suggestions equal, 75%" in out.getvalue()
    assert "Trial 2 was" in out.getvalue()


def test_trials_that_people_put_in_are_only_seen(project, owner, nosy):
    experiment = make_experiment(project, max_trials=2)
    start_experiment(experiment, by=owner)
    seat = make_seat()
    take_turn(experiment.pk, seat)
    first = experiment.trials.get()
    Trial.objects.filter(pk=first.pk).update(origin="hand")
    run_search(experiment, seat)
    found = replay(experiment)
    assert (found.repeated, found.is_equal) == (1, True)


def test_an_unknown_experiment_is_refused(db):
    for name in ("12345", "no-uuid"):
        with pytest.raises(CommandError, match="There is no experiment"):
            call_command("replay", name)


def test_the_record_of_a_question_is_small_and_exact():
    states = ["completed"] * 12 + ["failed", "paused", "running", "running", "waiting", "stopped"]
    trials = tuple(
        ObservedTrial(n, {}, state, curve=(0.5,) * n if state in ("paused", "stopped") else ())
        for n, state in enumerate(states)
    )
    record = seen(History(trials), 77)
    assert record["states"] == "12cfh2rws"
    assert states_seen(record) == states
    assert (record["settled"], record["pending"], record["event"]) == (12, [13, 14, 15, 16], 77)
    assert epochs_seen(record, 13) == 13
    assert epochs_seen(record, 0) is None
    assert states_seen({"settled": 1}) is None


def test_a_sampler_sees_the_scores_of_executions_and_the_curves_of_pruned_trials(
    project, owner, monkeypatch
):
    experiment = make_experiment(project, max_trials=3, repeats=2, epochs=4)
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat())
    Trial.objects.filter(experiment=experiment, number=1).update(state="pruned", score=None)
    Experiment.objects.filter(pk=experiment.pk).update(max_trials=9)
    experiment.refresh_from_db()
    told = []

    class Spy(Nosy):
        def suggest(self, space, history, number, rng):
            told.append(history)
            return super().suggest(space, history, number, rng)

    monkeypatch.setattr("experiments.tuner.turn.sampler_of", lambda *_: Spy())
    propose(experiment)
    first, pruned, _ = told[0].trials
    assert len(first.executions) == 2
    assert first.curve == ()
    assert len(pruned.curve) == 4
    assert len(pruned.executions) == 2
