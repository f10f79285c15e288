"""Which trial a search recommends: when its models are asked, and what is written down."""

from dataclasses import replace

from experiments.evaluation.winner_rules import gives_up
from experiments.models import Experiment
from experiments.search.strategies.winner import LEAST, Winner
from experiments.services.experiments.lifecycle import start_experiment
from experiments.services.experiments.winner import WinnerRecord, record_winner
from experiments.services.trials.executions import is_better
from experiments.tuner import winner as asking
from tests.examples import alone, replan
from tests.replay_pool import Recording, ReplayPool
from tests.searches import make_experiment, make_seat, run_search


def search(project, owner, trials):
    """A search whose scores follow from the configuration's number of units."""

    def script(order, execution):
        score = 0.9 - abs(order.values["units"] - 64) / 1000
        return Recording(({"val_accuracy": score, "loss": 1.0},))

    experiment = make_experiment(project, max_trials=trials)
    start_experiment(experiment, by=owner)
    return run_search(experiment, make_seat(ReplayPool(script)), turns=trials + 5)


def test_a_short_search_recommends_its_best_score(project, owner):
    experiment = search(project, owner, 3)
    assert experiment.recommended_trial == experiment.best_trial
    assert experiment.winner["observed"] == experiment.best_trial.number
    assert experiment.winner["scored"] == 3
    assert "best score" in experiment.winner["reason"]


def test_models_are_asked_now_and_then_and_once_more_at_the_end(project, owner, monkeypatch):
    asked = []

    def counted(space, history):
        asked.append(len(history.scored))
        best = history.best
        return Winner(best.number, history.scored[-1].number, "Because.", 0.5, 0.1)

    monkeypatch.setattr(asking, "recommend", counted)
    experiment = search(project, owner, LEAST + 4)
    assert LEAST in asked and asked[-1] == LEAST + 4
    changes = len([number for number in asked if number < LEAST])
    assert changes < LEAST / 2, "before that only a better score is told"
    assert experiment.recommended_trial.number == LEAST + 3
    assert experiment.winner["estimate"] == 0.5


def test_models_that_fail_end_no_search(project, owner, monkeypatch, caplog):
    def broken(space, history):
        raise ValueError("singular")

    monkeypatch.setattr(asking, "recommend", broken)
    experiment = search(project, owner, 3)
    assert experiment.state == Experiment.State.COMPLETED
    assert experiment.recommended_trial is None
    assert "recommending a winner failed" in caplog.text


def test_who_saw_fewer_trials_is_too_late(project, owner):
    experiment = search(project, owner, 3)
    late = Winner(0, 0, "From a look at two trials.")
    assert not record_winner(experiment.pk, WinnerRecord(late, alone(0), scored=2))
    experiment.refresh_from_db()
    assert experiment.winner["scored"] == 3


def test_an_experiment_that_is_gone_is_left_alone(db):
    asking.name_winner(10**9)
    assert not Experiment.objects.exists()


def folds(order, execution):
    """Scores of three parts that differ alike in all trials; more units are hardly better."""
    part = {0: 0.0, 1: 0.03, 2: -0.02}[execution.repeat]
    wobble = ((order.number * 7 + execution.repeat * 3) % 5) / 500
    bad = 0.2 if order.values["units"] < 128 else 0.0
    score = 0.9 + part + wobble - bad
    return Recording(({"val_accuracy": score, "loss": 1.0},))


def tied_search(project, owner, rule):
    experiment = make_experiment(project, max_trials=12, repeats=3)
    experiment.plan |= {"winner_rule": rule}
    replan(experiment, protocol=replace(experiment.protocol, racing=False))
    start_experiment(experiment, by=owner)
    return run_search(experiment, make_seat(ReplayPool(folds)), turns=20)


def test_trials_that_cannot_be_told_apart_are_named(project, owner):
    experiment = tied_search(project, owner, "score")
    tied = experiment.winner["tied"]
    bad = {t.number for t in experiment.trials.all() if t.values["units"] < 128}
    assert tied[0] == experiment.best_trial.number
    assert len(tied) > 1 and not bad & {*tied}
    assert experiment.winner["executions"] == 3
    assert experiment.winner["compared"] == experiment.winner["scored"] == 12


def test_the_rule_picks_one_of_them(project, owner):
    experiment = tied_search(project, owner, "fastest")
    tied = experiment.trials.filter(number__in=experiment.winner["tied"])
    quickest = min(tied, key=lambda t: (t.seconds / t.epochs, t.parameters, t.number))
    assert experiment.recommended_trial == quickest
    assert experiment.winner["reason"].startswith(f"The fastest of {len(tied)} trials")


def test_the_rule_says_what_it_gives_up(project, owner):
    experiment = tied_search(project, owner, "smallest")
    chosen, best = experiment.recommended_trial, experiment.best_trial
    assert chosen.score < best.score
    words = gives_up("val_accuracy", chosen.score, best.score, best=best.number)
    assert words.startswith("It gives up 0.0")
    assert experiment.winner["reason"].endswith(words)


def test_the_models_estimates_are_written_beside_the_scores(project, owner):
    experiment = search(project, owner, LEAST + 1)
    estimates = [t.estimate for t in experiment.trials.all() if t.estimate is not None]
    assert len(estimates) >= LEAST
    best = experiment.best_trial
    assert abs(best.estimate - best.score) < 0.1


def test_of_equal_scores_the_lowest_number_is_the_best_whichever_ends_first(project, owner):
    """Two workers ended trial 1 before trial 0, and the winner was "being computed" for ever."""
    experiment = search(project, owner, 3)
    first, second, _ = experiment.trials.order_by("number")
    first.score = second.score = 0.9
    experiment.best_trial = second
    assert is_better(experiment, first)
    experiment.best_trial = first
    assert not is_better(experiment, second)
