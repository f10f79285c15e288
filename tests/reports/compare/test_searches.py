"""Whole experiments side by side: winners, scores as lines, spaces in words, and what may not be ranked."""

import pytest

from experiments.evaluation.protocol import Protocol
from experiments.models import Experiment, SpaceVersion, Trial
from experiments.reports.compare.page import SettingCell
from experiments.reports.compare.searches import named_searches, score_lines, search_comparison
from tests.examples import SPACE, make_experiment, replan

pytestmark = pytest.mark.both_databases


def shown(project, *experiments, base=""):
    found = named_searches(project.pk, [each.code for each in experiments])
    return search_comparison(found, str(base and base.code))


def test_winners_are_held_against_the_bases_with_an_interval(project):
    one = make_experiment(project, name="one", trials=6, repeats=5)
    two = make_experiment(project, name="two", trials=3, repeats=5)
    view = shown(project, one, two)
    first, second = view.columns
    assert first.winner.trial == one.best_trial and first.best == one.best_trial.score
    assert first.sure.n == 5 and first.tried == 6 and first.counts["completed"] == 6
    gap = second.winner.trial.score - first.winner.trial.score
    assert second.cell.difference == pytest.approx(gap) and second.cell.apart.n == 5
    assert view.test.lines[0].name == f"trial {two.best_trial.number} of two"
    assert len(view.winners) == 2


def test_a_recommended_trial_is_the_winner_and_the_base_keeps_its_colour(project):
    one, two = make_experiment(project, trials=4), make_experiment(project, trials=4)
    other = one.trials.exclude(pk=one.best_trial_id).first()
    Experiment.objects.filter(pk=one.pk).update(
        recommended_trial=other,
        winner={"observed": one.best_trial.number, "reason": "It looked lucky.", "scored": 4},
    )
    view = shown(project, two, one, base=one)
    assert [column.place for column in view.columns] == [1, 0], "its place in the address"
    assert view.columns[0].winner.trial == other


def test_settings_and_spaces_are_told_in_words_and_by_whether_they_differ(project):
    one, two = make_experiment(project, trials=2), make_experiment(project, trials=2)
    rows = [dict(row) for row in SPACE["hyperparameters"] if row["name"] != "layers"]
    next(row for row in rows if row["name"] == "units")["max"] = 1024
    SpaceVersion.objects.create(
        experiment=two, number=2, space={"hyperparameters": rows}, sampler="random"
    )
    settings = {row.name: row for row in shown(project, one, two).settings}
    assert settings["units"].differs and "1,024" in settings["units"].cells[1].value
    assert settings["layers"].cells[1] == SettingCell("–", differs=True)
    assert not settings["dropout"].differs and not settings["sampler"].differs
    assert settings["learning_rate"].cells[0].value.endswith("log")


def test_experiments_that_judge_unlike_have_numbers_and_no_judgement(project):
    one = make_experiment(project, trials=3)
    other = make_experiment(project, trials=3)
    replan(other, protocol=Protocol(repeats=2))
    view = shown(project, one, other)
    assert view.comparability.words == "protocol" and view.test is None
    assert all(column.cell.difference is None for column in view.columns)
    lines = score_lines(named_searches(project.pk, [one.code, other.code]))
    assert lines == {"unlike": "protocol", "experiments": []}


def test_one_without_a_score_stands_beside_the_others(project):
    one, empty = make_experiment(project, trials=3), make_experiment(project, trials=0)
    view = shown(project, one, empty)
    assert view.columns[1].winner is None and view.columns[1].tried == 0
    assert view.test is None and view.columns[0].cell.value is not None
    assert shown(project, one, empty, base=empty).test is None


def test_lines_tell_where_the_best_rose_and_scores_in_order(project):
    search = make_experiment(project, trials=5)
    for number, score in enumerate((0.5, 0.4, 0.7, 0.7, None)):
        Trial.objects.filter(experiment=search, number=number).update(score=score)
    Trial.objects.filter(experiment=search, number=1).update(set_aside="the data was wrong")
    (line,) = score_lines(named_searches(project.pk, [search.code]))["experiments"]
    assert line["steps"] == [[0, 0.5], [2, 0.7]] and line["last"] == 3
    assert line["scores"] == [0.5, 0.7, 0.7] and line["n"] == 3
    Experiment.objects.filter(pk=search.pk).update(direction="minimize")
    (line,) = score_lines(named_searches(project.pk, [search.code]))["experiments"]
    assert line["steps"] == [[0, 0.5]]


def test_long_lists_of_scores_are_thinned_and_keep_their_ends(project):
    search = make_experiment(project, trials=700)
    (line,) = score_lines(named_searches(project.pk, [search.code]))["experiments"]
    scores = sorted(search.trials.values_list("score", flat=True))
    assert line["n"] == 700 and len(line["scores"]) == 500
    assert line["scores"][0] == pytest.approx(scores[0])
    assert line["scores"][-1] == pytest.approx(scores[-1])
