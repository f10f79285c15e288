"""Pruners in the loop: cuts, pauses, promotions, and what remains when people or crashes interfere."""

from dataclasses import replace

import pytest

from experiments.models import Attempt, Execution, Experiment, PruningDecision, Trial
from experiments.reports.sampling.peers import Peers
from experiments.search.pruners.asha import AshaPruner
from experiments.search.strategy import Decision, Standing
from experiments.services.experiments.lifecycle import (
    pause_experiment,
    resume_experiment,
    start_experiment,
    stop_experiment,
)
from experiments.services.site.invariants import broken_invariants
from experiments.services.trials.leases import Fenced
from experiments.services.trials.lifecycle import claim_trial
from experiments.services.trials.pruning import pause_trial
from experiments.tuner.turn import take_turn
from tests.examples import replan
from tests.replay_pool import Recording, ReplayPool
from tests.searches import make_experiment, make_seat, run_search

State = Trial.State


def flat(quality):
    """A script that gives trial n the accuracy quality[n] from its first epoch on."""

    def script(order, execution):
        value = quality[order.number]
        return Recording(
            tuple({"val_accuracy": value, "loss": 1.0} for _ in range(order.fit.epochs))
        )

    return script


def search(project, owner, pruner, *, options=None, **more):
    experiment = make_experiment(project, **more)
    Experiment.objects.filter(pk=experiment.pk).update(pruner=pruner, direction="maximize")
    replan(experiment, pruner_options=options or {})
    start_experiment(experiment, by=owner)
    return experiment


def states(experiment):
    return [trial.state for trial in experiment.trials.all()]


def test_asha_promotes_the_best_and_prunes_the_rest_at_the_end(project, owner):
    quality = [0.9, 0.6, 0.5, 0.8, 0.4, 0.3, 0.7, 0.2, 0.1]
    experiment = search(project, owner, "asha", options={"levels": 2}, epochs=9, max_trials=9)
    pool = ReplayPool(flat(quality), seconds_per_epoch=0.02)
    run_search(experiment, make_seat(pool), turns=60)

    assert experiment.state == Experiment.State.COMPLETED
    assert experiment.state_reason == "The budget of 9 trials is used up."
    assert experiment.best_trial.number == 0
    assert states(experiment) == ["completed"] + ["pruned"] * 8
    best = experiment.trials.get(number=0)
    assert [a.outcome for a in best.attempts.all()] == ["paused", "paused", "completed"]
    assert [a.why[:8] for a in best.attempts.all()] == ["", "Promoted", "Promoted"]
    assert best.epochs == 9
    total = sum(trial.epochs for trial in experiment.trials.all())
    assert total < 9 * 9 / 2
    worst = experiment.trials.get(number=8)
    assert worst.failure_message == "Not promoted: at epoch 1 it ranked 9 of 9 when it entered."
    lines = PruningDecision.objects.filter(trial=best).values_list("epoch", "action")
    assert list(lines) == [(1, "pause"), (1, "promote"), (3, "pause"), (3, "promote")]
    assert broken_invariants() == {}


def test_a_promoted_trial_goes_on_from_its_checkpoint(project, owner):
    experiment = search(project, owner, "asha", options={"levels": 2}, epochs=9, max_trials=3)
    pool = ReplayPool(flat([0.9, 0.2, 0.1]), seconds_per_epoch=0.02)
    run_search(experiment, make_seat(pool), turns=20)
    again = [o for o in pool.orders if o.number == 0][1]
    assert again.executions[0].epochs_done >= 1
    assert again.executions[0].checkpoint
    trial = experiment.trials.get(number=0)
    assert (trial.state, trial.epochs) == ("completed", 9)
    assert len(trial.executions.get().history["val_accuracy"]) == 9


def test_an_only_trial_trains_to_its_end(project, owner):
    experiment = search(project, owner, "asha", options={"levels": 2}, epochs=9, max_trials=1)
    run_search(experiment, make_seat(ReplayPool(flat([0.5]), seconds_per_epoch=0.02)))
    assert experiment.state == Experiment.State.COMPLETED
    assert states(experiment) == ["completed"]


def test_the_median_rule_stops_a_trial_and_says_why(project, owner):
    experiment = search(
        project,
        owner,
        "median",
        options={"start_trials": 2, "warm_up": 1},
        epochs=30,
        max_trials=3,
    )
    pool = ReplayPool(flat([0.5, 0.7, 0.1]), seconds_per_epoch=0.01)
    run_search(experiment, make_seat(pool))
    assert states(experiment) == ["completed", "completed", "pruned"]
    cut = experiment.trials.get(number=2)
    assert cut.epochs < 30 and cut.score is None
    assert "is worse than 0.6, the median of 2 completed trials" in cut.failure_message
    line = PruningDecision.objects.get()
    assert (line.trial, line.action, line.value, line.cutoff) == (cut, "stop", 0.1, 0.6)
    assert (line.rank, line.n, line.epoch) == (3, 3, 1)
    assert cut.attempts.get().outcome == Attempt.Outcome.PRUNED
    assert cut.executions.get().state == State.PRUNED


def test_later_executions_are_not_compared_with_first_ones(project, owner):
    def script(order, execution):
        value = 0.9 if execution.repeat == 0 else 0.0
        return Recording(tuple({"val_accuracy": value, "loss": 1.0} for _ in range(8)))

    experiment = search(
        project, owner, "median", options={"start_trials": 1, "warm_up": 1},
        epochs=8, max_trials=3, repeats=2,
    )  # fmt: skip
    run_search(experiment, make_seat(ReplayPool(script, seconds_per_epoch=0.01)))
    assert states(experiment) == ["completed"] * 3


class StopAfterFolds(AshaPruner):
    """Ends a trial whose first execution is behind, as fold racing will."""

    def looks_at(self, epoch, epochs):
        return False

    def rungs(self, epochs):
        return ()

    def after_execution(self, trial, history):
        if trial.executions[0] < 0.5:
            return Decision(
                "stop", "Behind after its first fold.", Standing(8, trial.executions[0])
            )
        return Decision()


def test_a_pruner_may_end_a_trial_between_its_executions(project, owner, monkeypatch):
    monkeypatch.setattr(
        "experiments.tuner.pruning_decisions.pruner_of", lambda *_: StopAfterFolds()
    )
    experiment = search(project, owner, "asha", epochs=4, max_trials=2, repeats=3)
    pool = ReplayPool(flat([0.9, 0.2]), seconds_per_epoch=0.02)
    run_search(experiment, make_seat(pool))
    assert states(experiment) == ["completed", "pruned"]
    cut = experiment.trials.get(number=1)
    assert cut.failure_message == "Behind after its first fold."
    assert cut.executions.get(index=0).state == State.COMPLETED
    assert cut.executions.exclude(state=State.COMPLETED).exists()


def test_a_paused_search_keeps_its_rungs_and_a_stopped_one_its_order(project, owner):
    experiment = search(project, owner, "asha", options={"levels": 2}, epochs=9, max_trials=9)
    seat = make_seat(ReplayPool(flat([0.1 * n for n in range(9)]), seconds_per_epoch=0.02))
    for _ in range(2):
        take_turn(experiment.pk, seat)
    assert states(experiment) == ["paused", "paused"]
    pause_experiment(experiment, by=owner)
    assert experiment.state == Experiment.State.PAUSED
    resume_experiment(experiment, by=owner)
    take_turn(experiment.pk, seat)
    assert experiment.trials.count() == 3
    stop_experiment(experiment, by=owner)
    assert set(states(experiment)) <= {"stopped", "completed"}
    assert broken_invariants() == {}


def test_a_pause_is_fenced_like_every_other_write(project, owner):
    experiment = search(project, owner, "asha", epochs=9, max_trials=2)
    seat = make_seat(ReplayPool(flat([0.5, 0.4]), seconds_per_epoch=0.02))
    take_turn(experiment.pk, seat)
    trial = experiment.trials.get()
    Trial.objects.filter(pk=trial.pk).update(state=State.WAITING)
    old = claim_trial(trial, worker="worker-a")
    Attempt.objects.filter(token=old.token).update(ended="2026-01-01T00:00:00Z")
    Trial.objects.filter(pk=trial.pk).update(state=State.WAITING, token=None)
    claim_trial(trial, worker="worker-b")
    with pytest.raises(Fenced):
        pause_trial(old, Decision("pause", "late", Standing(1, 0.5)))
    trial.refresh_from_db()
    assert (trial.state, trial.worker) == ("running", "worker-b")


def test_a_child_that_dies_instead_of_pausing_is_tried_again_and_judged_again(project, owner):
    deaths = []

    def dies_at_its_first_rung(order, execution):
        curve = flat([0.5, 0.4, 0.3])(order, execution)
        if not deaths:
            deaths.append(order)
            return replace(curve, die_after=1)
        return curve

    experiment = search(project, owner, "asha", options={"levels": 2}, epochs=9, max_trials=3)
    pool = ReplayPool(dies_at_its_first_rung, seconds_per_epoch=0.02)
    run_search(experiment, make_seat(pool), turns=20)
    first = experiment.trials.get(number=0)
    outcomes = [a.outcome for a in first.attempts.all()]
    assert outcomes[0] == "failed"
    assert set(outcomes[1:-1]) == {"paused"}
    assert outcomes[-1] == "completed"
    assert states(experiment) == ["completed", "pruned", "pruned"]


def test_a_pruner_that_raises_ends_the_search_with_its_words(project, owner, monkeypatch):
    def broken(self, trial, history):
        raise ValueError("no such rung")

    monkeypatch.setattr(AshaPruner, "decide", broken)
    experiment = search(project, owner, "asha", epochs=60, max_trials=3)
    pool = ReplayPool(flat([0.5] * 3), seconds_per_epoch=0.05)
    run_search(experiment, make_seat(pool))
    assert experiment.state == Experiment.State.FAILED
    assert experiment.state_reason == "The pruner asha failed: no such rung"
    assert states(experiment) == ["stopped"]


def test_auto_prunes_nothing_where_epochs_are_cheap(project, owner):
    experiment = search(project, owner, "auto", epochs=12, max_trials=3)
    run_search(experiment, make_seat(ReplayPool(flat([0.5, 0.4, 0.3]), seconds_per_epoch=0.005)))
    assert states(experiment) == ["completed"] * 3
    assert not PruningDecision.objects.exists()


def test_building_in_the_first_epoch_makes_no_epoch_dear(project, owner):
    experiment = search(project, owner, "auto", epochs=12, max_trials=3)
    run_search(experiment, make_seat(ReplayPool(flat([0.5, 0.4, 0.3]), seconds_per_epoch=0.005)))
    took = [20.0] + [0.01] * 11
    Execution.objects.update(epoch_seconds=took, seconds=sum(took))
    peers = Peers(experiment, version=experiment.space_versions.get().pk, epochs=12)
    peers.refresh()
    assert peers.history().epoch_seconds == 0.01
