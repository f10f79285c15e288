"""Comparing trials: what is paired with what, which cells are best, what a test says, and when it is silent."""

import csv
import io

import pytest

from experiments.evaluation.protocol import Protocol
from experiments.models import Execution, Experiment, Project, Trial
from experiments.reports.compare.file import comparison_csv
from experiments.reports.compare.lines import chart_columns, parallel_config
from experiments.reports.compare.page import comparison, with_base
from experiments.reports.compare.trials import columns_of, compared
from tests.examples import expect, make_experiment, replan

FOLDS = 5


def folded(project, *scores, name="folded", split="ab" * 32, metric="val_accuracy", **protocol):
    """A k-fold search whose trials have these scores, a number a fold."""
    experiment = make_experiment(project, trials=len(scores), name=name, repeats=FOLDS)
    replan(experiment, protocol=Protocol(**{"kind": "k_fold", "folds": FOLDS, **protocol}))
    Experiment.objects.filter(pk=experiment.pk).update(split_hash=split)
    experiment.trials.update(split_hash=split)
    for trial, of_folds in zip(experiment.trials.order_by("number"), scores, strict=True):
        trial.executions.filter(index__gte=len(of_folds)).delete()
        for execution, score in zip(trial.executions.order_by("index"), of_folds, strict=True):
            Execution.objects.filter(pk=execution.pk).update(
                part=execution.index, repeat=0, score=score, metrics={metric: score}
            )
        mean = sum(of_folds) / len(of_folds)
        Trial.objects.filter(pk=trial.pk).update(score=mean, metrics={metric: mean})
    return Experiment.objects.get(pk=experiment.pk)


def view_of(*named, base=""):
    return comparison(with_base(columns_of(named), base))


def row_of(view, name):
    return next(row for row in view.results if row.name == name)


GOOD = (0.90, 0.92, 0.88, 0.91, 0.93)
NEAR = (0.91, 0.91, 0.885, 0.905, 0.935)
BAD = (0.80, 0.82, 0.79, 0.80, 0.83)


def test_differences_are_paired_over_equal_folds_and_the_best_cell_is_marked(project):
    search = folded(project, GOOD, NEAR, BAD)
    view = view_of((search, 0), (search, 1), (search, 2))
    row = view.results[0]
    assert row.name == "val_accuracy" and row.cells[0].difference is None
    near, bad = row.cells[1:]
    assert near.apart.is_paired and near.apart.n == FOLDS and near.is_tie
    assert bad.is_clear and bad.is_better is False and bad.apart.high < 0
    assert [cell.is_best for cell in row.cells] == [False, True, False]
    assert [cell.is_worst for cell in row.cells] == [False, False, True]


def test_of_two_none_is_called_the_worst(project):
    search = folded(project, GOOD, BAD)
    row = view_of((search, 0), (search, 1)).results[0]
    assert [cell.is_best for cell in row.cells] == [True, False]
    assert not any(cell.is_worst for cell in row.cells)


def test_the_test_says_in_words_who_differs_and_who_does_not(project):
    search = folded(project, GOOD, NEAR, BAD)
    test = view_of((search, 0), (search, 1), (search, 2)).test
    assert test.unit == "folds" and test.tested == 2 and test.is_paired
    assert [line.verdict for line in test.lines] == ["open", "worse"]
    assert test.sentences[0].startswith("Trial 2 is worse than trial 0 by 0.1000 (95 % interval ")
    assert test.sentences[1] == "Trial 1: no significant difference to trial 0 on these 5 folds."
    assert all(line.p >= line.apart.p for line in test.lines), "adjusted for both looks"
    assert test.parts[0] == "Fold 1" and len(test.rows) == FOLDS
    assert test.rows[0][1] == pytest.approx((0.01, -0.10))
    assert test.low <= min(test.rows[0][1]) and test.high >= 0


def test_the_base_is_whom_the_address_names_and_turns_the_signs(project):
    search = folded(project, GOOD, BAD)
    view = view_of((search, 0), (search, 1), base=f"{search.code}:1")
    assert [column.trial.number for column in view.columns] == [1, 0]
    assert view.results[0].cells[1].difference > 0
    assert view.test.lines[0].verdict == "better"


def test_a_trial_that_lost_folds_is_paired_over_those_it_has_and_is_never_best(project):
    search = folded(project, BAD, GOOD[:3])
    Trial.objects.filter(experiment=search, number=1).update(state="pruned", score=None)
    view = view_of((search, 0), (search, 1))
    cell = view.results[0].cells[1]
    assert cell.apart.n == 3 and cell.apart.is_paired and cell.n == 3
    assert not any(each.is_best for each in view.results[0].cells)


def test_other_parts_of_the_same_protocol_are_unpaired(project):
    search = folded(project, GOOD)
    again = folded(project, BAD, name="again", split="cd" * 32)
    view = view_of((search, 0), (again, 0))
    assert view.comparability.may_rank and view.comparability.is_other_parts
    assert view.results[0].cells[1].apart.is_paired is False
    assert view.test.is_unpaired and not view.test.is_paired
    assert view.test.rows[0][1] == (None,)
    assert "on these" not in view.test.sentences[0]


def test_seeds_on_one_part_have_a_spread_and_no_interval(project):
    experiment = folded(project, GOOD, BAD, kind="holdout", repeats=5)
    test = view_of((experiment, 0), (experiment, 1)).test
    assert test.spread_words == "spread over seeds (95 %)"
    assert "spread over seeds (95 %) " in test.sentences[0]
    assert "interval" not in test.sentences[0]


def test_one_part_on_other_rows_is_not_ranked(project):
    one = folded(project, GOOD, kind="holdout", repeats=5)
    other = folded(project, GOOD, kind="holdout", repeats=5, name="other", split="cd" * 32)
    view = view_of((one, 0), (other, 0))
    assert [each.what for each in view.comparability.unlike] == ["Split"] and view.test is None


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"protocol": Protocol(kind="k_fold", folds=10)}, "protocol"),
        ({"protocol": Protocol(kind="k_fold", folds=5, respecting="none")}, "protocol"),
        ({"objective": "val_loss"}, "objective"),
        ({"direction": "minimize"}, "objective"),
        ({"score_rule": "last"}, "objective"),
    ],
)
def test_unlike_rules_leave_numbers_and_take_every_judgement(project, change, what):
    search = folded(project, GOOD)
    other = folded(project, BAD, name="other")
    if what == "objective" and "score_rule" not in change:
        Experiment.objects.filter(pk=other.pk).update(**change)
    else:
        replan(other, **change)
    other.refresh_from_db()
    view = view_of((search, 0), (other, 0))
    assert view.comparability.words == what and view.test is None
    (aspect,) = view.comparability.unlike
    assert aspect.values[0] != aspect.values[1] and aspect.like_first == (True, False)
    for row in view.results:
        assert all(cell.difference is None and not cell.is_best for cell in row.cells)
    assert row_of(view, "val_accuracy").cells[1].value == pytest.approx(sum(BAD) / 5)


def test_racing_alone_does_not_make_protocols_unlike(project):
    one = folded(project, GOOD)
    other = folded(project, BAD, name="other", racing=False)
    assert view_of((one, 0), (other, 0)).comparability.may_rank


def test_imported_searches_are_ranked_within_themselves_alone(project):
    one, other = folded(project, GOOD, BAD), folded(project, GOOD, name="other")
    Experiment.objects.filter(pk__in=[one.pk, other.pk]).update(state="imported", split_hash="")
    Trial.objects.update(split_hash="")
    one.refresh_from_db(), other.refresh_from_db()
    both = view_of((one, 0), (other, 0))
    assert both.comparability.words == "data" and both.test is None
    assert both.comparability.unlike[0].values[1] == "not recorded: other ran elsewhere"
    alone = view_of((one, 0), (one, 1))
    assert alone.comparability.may_rank and not alone.comparability.is_known


def test_one_fit_each_is_told_apart_by_nothing(project):
    search = make_experiment(project, trials=2)
    view = view_of((search, 0), (search, 1))
    cell = view.results[0].cells[1]
    assert cell.difference is not None and not cell.is_clear and not cell.is_tie
    assert view.test.tested == 0 and view.test.sentences == ()
    assert view.test.lines[0].why.startswith("One execution per trial")


def test_a_trial_without_a_score_says_so(project):
    search = folded(project, GOOD, BAD)
    Execution.objects.filter(trial__experiment=search, trial__number=1).update(score=None)
    view = view_of((search, 0), (search, 1))
    assert view.test.lines[0].why == "Trial 1 has no completed execution with a score."


def test_many_clear_differences_become_one_sentence_and_many_names_a_count(project):
    search = folded(project, GOOD, *[BAD] * 5, *[NEAR] * 8)
    test = view_of(*((search, number) for number in range(14))).test
    assert test.sentences[0].startswith("5 trials are worse than trial 0, most of all trial ")
    assert test.sentences[1] == "8 trials: no significant difference to trial 0 on these 5 folds."


def test_a_difference_that_so_many_looks_take_back_is_said_to_be_one(project):
    slightly = (0.885, 0.912, 0.871, 0.886, 0.912)
    search = folded(project, GOOD, slightly, *[NEAR] * 12)
    test = view_of(*((search, number) for number in range(14))).test
    line = test.lines[0]
    assert line.apart.p <= 0.05 < line.p and line.verdict == "open"
    assert "after correction for multiple comparisons" in test.sentences[0]


def test_numbers_that_are_none_are_no_scores(project):
    search = folded(project, GOOD, BAD)
    Execution.objects.filter(trial__experiment=search, trial__number=1, part=0).update(
        metrics={"val_accuracy": None, "odd": "words"}
    )
    Trial.objects.filter(experiment=search, number=1).update(metrics={"val_accuracy": None})
    row = view_of((search, 0), (search, 1)).results[0]
    assert row.cells[1].value == pytest.approx(sum(BAD) / 5)


def test_exact_metrics_have_rows_and_smaller_losses_are_better(project):
    search = folded(project, GOOD, BAD)
    for number, loss in ((0, 0.5), (1, 0.4)):
        for at, execution in enumerate(
            Execution.objects.filter(trial__experiment=search, trial__number=number)
        ):
            execution.exact = {"values": {"log_loss": loss + at / 1000}, "missing": {}}
            execution.save()
    row = row_of(view_of((search, 0), (search, 1)), "exact log_loss")
    assert row.cells[1].is_better is True and row.cells[1].is_best


def test_a_metric_that_nobody_knows_is_neither_better_nor_best(project):
    search = folded(project, GOOD, BAD)
    more = [{"name": "odd", "direction": "maximize"}]
    for number, value in ((0, 1.0), (1, 2.0)):
        metrics = {"odd": value, "learning_rate": value, "price_loss": value, "final_auc": value}
        Trial.objects.filter(experiment=search, number=number).update(metrics=metrics)
    view = view_of((search, 0), (search, 1))
    better = {row.name: row.cells[1].is_better for row in view.results if row.kind == "score"}
    assert (better["odd"], better["learning_rate"]) == (None, None)
    assert (better["price_loss"], better["final_auc"]) == (False, True)
    assert not any(cell.is_best for cell in row_of(view, "odd").cells)
    replan(search, more_objectives=more)
    search.refresh_from_db()
    assert row_of(view_of((search, 0), (search, 1)), "odd").cells[1].is_better is True


def test_lines_keep_their_colour_and_take_another_dash_where_it_is_taken(project):
    search = make_experiment(project, trials=18)
    columns = columns_of([(search, number) for number in (1, 9, 17, 2)])
    assert [column.colour for column in columns] == [1, 1, 1, 2], "as on every page"
    assert len({(column.colour, column.dash) for column in columns}) == 4
    other = make_experiment(project, trials=2, name="another with a name that is long")
    both = columns_of([(search, 1), (other, 1)])
    assert both[0].colour == both[1].colour and both[0].dash != both[1].dash
    assert chart_columns(both)[1]["label"] == "Trial 1, another with a na…"


def test_settings_of_several_experiments_tell_how_they_train(project):
    one, other = folded(project, GOOD), folded(project, GOOD, name="other")
    Experiment.objects.filter(pk=other.pk).update(sampler="grid")
    other.refresh_from_db()
    rows = {row.name: row for row in view_of((one, 0), (other, 0)).settings}
    assert rows["sampler"].differs and not rows["early stopping"].differs
    assert not rows["learning_rate"].differs and rows["learning_rate"].is_searched
    alone = {row.name for row in view_of((one, 0)).settings}
    assert "sampler" not in alone and "model" in alone


def test_the_parallel_coordinates_take_scales_from_the_space_and_their_own_keys(project):
    search = folded(project, GOOD, BAD)
    trial = search.trials.get(number=1)
    trial.values |= {"score": 7}
    trial.save()
    config = parallel_config(columns_of([(search, 0), (search, 1)]))
    assert config["trials"]["values"]["value_score"] == [None, 7]
    rate = next(row for row in config["space"] if row["key"] == "learning_rate")
    assert rate["scale"] == "log" and config["columns"][-1]["key"] == "score"


def test_the_file_holds_what_the_page_shows_and_every_fold(project):
    search = folded(project, GOOD, BAD, name="=formula")
    expect(search.trials.get(number=0), value=0.84, low=0.81)
    view = view_of((search, 0), (search, 1))
    lines = {line[0]: line[1:] for line in csv.reader(io.StringIO(comparison_csv(view).decode()))}
    assert lines[""] == ["Trial 0", "Trial 1"] and lines["experiment"] == ["'=formula"] * 2
    assert float(lines["val_accuracy difference to the base"][1]) == pytest.approx(-0.1)
    assert float(lines["val_accuracy, split 2, repeat 1"][0]) == 0.92
    assert lines["expected on new rows"] == ["0.84", ""]
    assert lines["expected, 95 % low"] == ["0.81", ""] and lines["expected, 95 % high"] == ["", ""]
    assert lines["learning_rate"][0] and float(lines["val_accuracy difference, p"][1]) < 0.05


def test_expected_scores_of_different_objectives_share_no_row(project):
    search, other = folded(project, GOOD), folded(project, BAD, name="Other")
    Experiment.objects.filter(pk=other.pk).update(objective="val_loss", direction="minimize")
    expect(search.trials.get(number=0), value=0.84, low=0.81)
    expect(other.trials.get(number=0), value=0.47, low=0.4)
    view = view_of((search, 0), (Experiment.objects.get(pk=other.pk), 0))
    assert [each.value for each in view.expected] == [0.84, None]
    assert view.expected[1].note == "Its objective is val_loss."


def test_trials_of_another_project_are_not_there(project):
    hidden = make_experiment(Project.objects.create(slug="o", name="O"), trials=1)
    assert compared(project.pk, [(hidden.code, 0)]) == ()
