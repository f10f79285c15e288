from experiments.models import Experiment
from experiments.reports.experiments.head import experiment_head
from experiments.reports.trials.detail import why_tried
from experiments.reports.trials.table import trial_columns, trial_table
from experiments.reports.winner.recommended import recommended
from experiments.search.strategies.winner import Winner
from experiments.services.experiments.winner import WinnerRecord, record_winner
from experiments.web.tables import read_trial_query
from tests.examples import alone, make_experiment


def told(experiment, number, scored=5):
    """The experiment once its models have spoken for `number`."""
    best = experiment.best_trial.number
    record_winner(
        experiment.pk,
        WinnerRecord(Winner(best, number, "It was lucky."), alone(best), scored=scored),
    )
    return Experiment.objects.get(pk=experiment.pk)


def other_than_best(experiment):
    return next(n for n in range(5) if n != experiment.best_trial.number)


def test_the_recommended_trial_stands_beside_the_best_one(project):
    experiment = make_experiment(project, trials=5)
    assert recommended(experiment) is None
    other = other_than_best(experiment)
    experiment = told(experiment, other)
    found = experiment_head(experiment).recommended
    assert (found.number, found.observed) == (other, experiment.best_trial.number)
    assert found.differs and found.reason == "It was lucky."
    assert found.score == experiment.trials.get(number=other).score


def test_a_recommendation_that_knows_an_older_best_is_not_shown(project):
    experiment = make_experiment(project, trials=5)
    other = other_than_best(experiment)
    experiment = told(experiment, other)
    Experiment.objects.filter(pk=experiment.pk).update(
        best_trial=experiment.trials.get(number=other)
    )
    assert recommended(Experiment.objects.get(pk=experiment.pk)) is None


def test_the_leaderboard_marks_one_trial(project):
    experiment = make_experiment(project, trials=5)
    experiment = told(experiment, 2)
    columns = trial_columns(experiment)
    table = trial_table(experiment, columns, read_trial_query({}, columns).order)
    assert [row.number for row in table.rows if row.is_recommended] == [2]


def test_a_trial_tells_what_was_expected_of_it(project):
    trial = make_experiment(project, trials=2).trials.get(number=1)
    trial.kind, trial.predicted, trial.uncertainty = "exploit", trial.score - 0.1, 0.02
    why = why_tried(trial)
    assert why.word == "exploit" and why.is_surprising
    assert abs(why.surprise - 0.1) < 1e-9
    trial.predicted, trial.uncertainty = None, None
    assert why_tried(trial).surprise is None


def test_a_trial_of_a_person_and_a_promoted_one_say_so(project):
    trial = make_experiment(project, trials=2).trials.get(number=1)
    trial.kind, trial.why = "initial", "Spread."
    attempt = trial.attempts.model(why="Rank 1 of 3.")
    why = why_tried(trial, (attempt,))
    assert (why.word, why.sentence) == ("initial, then promoted", "Spread. Rank 1 of 3.")
    trial.origin = "hand"
    assert why_tried(trial).word == "queued manually"


def test_the_leaderboard_can_be_ranked_by_smoothed_scores(project):
    experiment = make_experiment(project, trials=5)
    assert "smoothed" not in [column.key for column in trial_columns(experiment)]
    estimates = {0: 0.5, 1: 0.9, 2: 0.7, 4: 0.8}
    best = experiment.best_trial.number
    winner = Winner(best, 1, "It was lucky.", 0.9, 0.1, estimates)
    record_winner(experiment.pk, WinnerRecord(winner, alone(best), scored=5))
    experiment = Experiment.objects.get(pk=experiment.pk)
    columns = trial_columns(experiment)
    order = read_trial_query({"sort": "-smoothed"}, columns).order
    rows = trial_table(experiment, columns, order).rows
    assert [row.number for row in rows] == [1, 4, 2, 0, 3]
    assert rows[0].smoothed == 0.9 and rows[-1].smoothed is None


def test_of_equal_scores_it_stands_whichever_trial_is_called_the_best(project):
    experiment = make_experiment(project, trials=5)
    experiment = told(experiment, experiment.best_trial.number)
    other = experiment.trials.exclude(pk=experiment.best_trial.pk).first()
    before = experiment.best_trial
    other.score = before.score
    other.save()
    experiment.best_trial = other
    assert recommended(experiment) is not None
    other.score += 1
    other.save()
    assert recommended(experiment) is None
