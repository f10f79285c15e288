"""The last trials of a search train its leaders again: what is written down, and who counts it."""

import pytest

from experiments.models import Experiment, Trial
from experiments.reports.sampling.replay import replay
from experiments.reports.winner.summary import caveats, quote
from experiments.reports.winner.winner_page import verdict
from experiments.services.experiments.lifecycle import start_experiment
from experiments.services.experiments.states import NotAllowed
from experiments.services.trials.set_aside import take_back
from tests.replay_pool import Recording, ReplayPool
from tests.searches import make_experiment, make_seat, run_search

TRIALS, CONFIRM = 14, 3
LUCKY = 10  # it scores better than any can


def script(order, execution):
    score = 0.9 - abs(order.values["units"] - 64) / 1000
    return Recording(({"val_accuracy": 0.93 if order.number == LUCKY else score, "loss": 1.0},))


@pytest.fixture
def ended(project, owner):
    experiment = make_experiment(project, max_trials=TRIALS)
    experiment.plan |= {"confirm": CONFIRM}
    experiment.save()
    start_experiment(experiment, by=owner)
    return run_search(experiment, make_seat(ReplayPool(script)), turns=TRIALS + 5)


@pytest.fixture
def repeats(ended):
    return list(ended.trials.exclude(repeats=None).order_by("number"))


def test_the_last_ones_repeat_a_leader_with_seeds_of_their_own(ended, repeats):
    assert ended.state == Experiment.State.COMPLETED
    assert [trial.number for trial in repeats] == [11, 12, 13]
    for trial in repeats:
        assert trial.kind == "confirm" and trial.origin == "sampler"
        assert (trial.values, trial.values_key) == (trial.repeats.values, trial.repeats.values_key)
        assert trial.set_aside == (
            f"It re-evaluates trial {trial.repeats.number}, where its score counts."
        )
        assert trial.state == Trial.State.COMPLETED and trial.score is not None
    seeds = {trial.executions.get().seed for trial in [*repeats, *{t.repeats for t in repeats}]}
    assert len(seeds) == len(repeats) + len({t.repeats_id for t in repeats})


def test_no_repeat_is_the_best_trial_and_luck_is_not_handed_over(ended, repeats):
    assert ended.best_trial.number == LUCKY
    assert ended.recommended_trial.number != LUCKY
    assert ended.winner["again"] == CONFIRM and ended.winner["scored"] == TRIALS - CONFIRM
    exact = {t.number: 0.9 - abs(t.values["units"] - 64) / 1000 for t in ended.trials.all()}
    assert exact[ended.recommended_trial.number] == max(exact.values())
    assert ended.recommended_trial.estimate == ended.winner["estimate"]
    assert ended.winner["reason"].startswith("Re-evaluated with fresh seeds, it scored 0.9")


def test_every_suggestion_follows_from_the_record(ended):
    found = replay(ended)
    assert found.first is None and (found.repeated, found.equal) == (TRIALS, TRIALS)


def test_the_words_of_the_winner_tell_of_its_repeats(ended):
    found = verdict(ended)
    again = list(
        ended.trials.filter(repeats=ended.recommended_trial).values_list("score", flat=True)
    )
    assert list(found.again) == again
    assert found.tried == TRIALS - CONFIRM
    assert ("Re-evaluated with fresh seeds, it reached" in quote(ended, found)) == bool(again)
    assert any(" repeat" in line for line in caveats(ended, found))


def test_a_repeat_can_not_be_made_to_count_by_itself(ended, repeats, owner):
    with pytest.raises(
        NotAllowed, match=f"Trial 11 re-evaluates trial {repeats[0].repeats.number}"
    ):
        take_back(ended, [11, 12], by=owner)


def test_searches_from_before_and_short_ones_have_none(project, owner):
    experiment = make_experiment(project, max_trials=4)
    assert experiment.plan["confirm"] is None
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat(ReplayPool(script)), turns=9)
    assert not experiment.trials.exclude(repeats=None).exists()
    assert experiment.trials.get(number=3).saw["confirm"] == 0


def exact(order, execution):
    score = 0.9 - abs(order.values["units"] - 64) / 1000
    return Recording(({"val_accuracy": score, "loss": 1.0},))


def noisy(order, execution):
    luck = (order.number * 37 + execution.seed) % 19 / 100
    return Recording(({"val_accuracy": 0.7 + luck, "loss": 1.0},))


@pytest.mark.parametrize(("scores", "repeats"), [(noisy, [37, 38, 39]), (exact, [])])
def test_unless_told_otherwise_a_long_noisy_search_has_the_usual_ones(
    project, owner, scores, repeats
):
    experiment = make_experiment(project, max_trials=40)
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat(ReplayPool(scores)), turns=50)
    found = experiment.trials.exclude(repeats=None).order_by("number")
    assert list(found.values_list("number", flat=True)) == repeats
    assert replay(experiment).is_equal
