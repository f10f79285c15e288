"""What the leading trials are expected to score on new rows: from rows, from folds, or why not."""

from dataclasses import replace

import numpy as np
import pytest

from experiments import storage
from experiments.digests import sha256_of
from experiments.evaluation.expected import Expected
from experiments.models import Artifact
from experiments.reports.sampling.history import load_history
from experiments.services.experiments.lifecycle import start_experiment
from experiments.tuner.expected_scores import expected_of, leading_trials
from experiments.tuner.row_tables import part_table, row_tables
from tests.examples import replan
from tests.replay_pool import Recording, ReplayPool
from tests.row_scores import store_rows
from tests.searches import make_experiment, make_seat, run_search

ROWS = 40


def rights(number, place):
    """Which of its rows a trial's execution gets right."""
    return np.random.default_rng([number, place]).random(ROWS) < 0.7


def replayed(order, execution):
    best = float(rights(order.number, execution.repeat or execution.part).mean())
    curve = (best - 0.1, best, best - 0.05)
    return Recording(tuple({"val_accuracy": each, "loss": 1.0} for each in curve))


@pytest.fixture
def searched(project, owner):
    def run(trials=6, **protocol):
        experiment = make_experiment(project, max_trials=trials)
        replan(experiment, protocol=replace(experiment.protocol, racing=False, **protocol))
        start_experiment(experiment, by=owner)
        return run_search(experiment, make_seat(ReplayPool(replayed)), turns=trials + 5)

    return run


def keep_rows(search, *, crossed=True, without=()):
    """Store row scores beside the replayed models, as training does."""
    for trial in search.trials.exclude(number__in=without):
        for each in trial.executions.all():
            right = rights(trial.number, each.repeat or each.part)
            rows = np.arange(ROWS) + ROWS * each.part
            store_rows(each, rows, right, right & (rows % 10 != 0) if crossed else None)


def expected(search, *, tried=None, also=()):
    trials = leading_trials(search, load_history(search, {}), ())
    count = len(trials)
    tables = row_tables(search, trials)
    return expected_of(search, trials, tables, tried=tried or count, scored=count, also=also)


def test_rows_are_read_with_the_epochs_that_other_rows_chose(searched):
    search = searched()
    keep_rows(search)
    found = expected(search)
    best = search.best_trial
    assert set(found) == set(range(6))
    mine = found[best.number]
    assert (mine.basis, mine.rows, mine.trials, mine.why) == ("rows", ROWS, 6, "")
    assert mine.epochs > 0 and mine.choice > 0
    assert mine.value == pytest.approx(best.score - mine.epochs - mine.choice, abs=1e-6)
    assert mine.low < mine.value < mine.high


def test_folds_are_pooled_and_repeats_share_their_rows(searched):
    search = searched(kind="k_fold", folds=2, repeats=2)
    keep_rows(search)
    table = row_tables(search, dict(search.trials.values_list("number", "pk"))).table
    assert table.rows == 2 * ROWS and len(table.weights) == 2 * ROWS
    assert table.weights.sum() == pytest.approx(1)


def test_without_predictions_the_folds_tell_with_less_certainty(searched):
    search = searched(kind="k_fold", folds=4)
    bare = expected(search)[search.best_trial.number]
    assert bare.basis == "folds" and bare.rows == 0
    assert bare.why.startswith("No predictions for the validation rows were kept.")
    assert "4 folds" in bare.why
    keep_rows(search)
    sure = expected(search)[search.best_trial.number]
    assert sure.basis == "rows"
    assert sure.high - sure.low < bare.high - bare.low


def test_one_validation_set_without_predictions_tells_nothing(searched):
    search = searched(repeats=3)
    found = expected(search)[search.best_trial.number]
    assert (found.value, found.basis) == (None, "nothing")
    assert "One validation set" in found.why
    assert part_table(search, {}) is None


def test_some_deleted_predictions_widen_the_interval(searched):
    search = searched()
    keep_rows(search)
    whole = expected(search)
    lost = next(n for n in range(6) if n != search.best_trial.number)
    Artifact.objects.filter(trial__number=lost).delete()
    found = expected(search)
    assert found[lost].basis == "nothing" and found[lost].value is None
    best = search.best_trial.number
    assert found[best].why == "Predictions of 1 of 6 trials were not kept."
    assert found[best].high - found[best].low > whole[best].high - whole[best].low


def test_scores_that_are_no_mean_of_rows_are_not_taken_for_one(searched):
    search = searched(kind="k_fold", folds=3)
    keep_rows(search)
    search.trials.get(number=2).executions.update(score=0.1)
    found = expected(search)[search.best_trial.number]
    assert found.basis == "folds"
    assert found.why.startswith("val_accuracy is not a mean over validation rows.")


def test_one_set_whose_epochs_were_not_followed_says_so(searched):
    search = searched()
    keep_rows(search, crossed=False)
    found = expected(search)[search.best_trial.number]
    assert found.basis == "rows" and found.epochs == 0
    assert found.why == "How much is luck of the best epoch is not known."


def test_epochs_that_nobody_saw_are_no_scores(searched):
    """Code that fits by itself reports its epochs when they are over: nothing of them was seen."""
    search = searched()
    keep_rows(search)
    for path in Artifact.objects.filter(kind="predictions").values_list("path", flat=True):
        with np.load(storage.absolute(path)) as arrays:
            kept = {**arrays}
        kept["cross_scores"][:] = np.nan
        np.savez(storage.absolute(path), **kept)
        Artifact.objects.filter(path=path).update(sha256=sha256_of(storage.absolute(path)))
    found = expected(search)[search.best_trial.number]
    assert found.basis == "rows" and np.isfinite(found.value)
    assert found.why == "How much is luck of the best epoch is not known."


def test_folds_whose_epochs_were_not_followed_take_the_others_epochs(searched):
    search = searched(kind="k_fold", folds=3)
    keep_rows(search, crossed=False)
    found = expected(search)[search.best_trial.number]
    assert (found.basis, found.why) == ("rows", "")
    assert found.epochs == pytest.approx(0, abs=1e-6)  # all curves are best at the same epoch


def test_a_file_that_changed_counts_as_deleted_and_is_named(searched):
    search = searched()
    keep_rows(search)
    path = Artifact.objects.filter(trial__number=0, kind="predictions").get().path
    storage.absolute(path).write_bytes(b"PK")
    why = expected(search)[1].why
    assert "1 of 6 trials" in why
    assert f"The predictions file of trial 0 (file {path}) has changed" in why


def test_it_is_stored_when_a_winner_is_named_and_forgotten_with_it(searched):
    search = searched()
    for trial in search.trials.all():
        assert Expected.from_dict(trial.expected).basis == "nothing"
    assert search.recommended_trial.expected["trials"] == 6


def test_other_objectives_have_no_rows(searched):
    search = searched()
    search.objective = "loss"
    assert expected(search)[0].why == "The objective is not measured on validation rows."


def keep_metrics(search, *, without=()):
    """Beside each trial's accuracy, an F1 whose rows are the same and a loss whose rows are their own."""
    for trial in search.trials.all():
        for each in trial.executions.all():
            right = rights(trial.number, each.repeat or each.part)
            rows = np.arange(ROWS) + ROWS * each.part
            crossed = right & (rows % 10 != 0)
            losses = np.random.default_rng(trial.number).exponential(0.5, ROWS)
            others = {"f1": crossed, "log_loss": losses}
            kept = {name: rows for name, rows in others.items() if name not in without}
            store_rows(each, rows, right, crossed, kept)
            each.exact = {"values": {"f1": right.mean(), "log_loss": losses.mean()}}
            each.save(update_fields=["exact"])


def test_other_metrics_pay_for_the_choice_too(searched):
    search = searched()
    keep_metrics(search)
    mine = expected(search)[search.best_trial.number]
    # F1's rows are those of the objective, so it pays the same.
    f1 = mine.metrics["f1"].expected
    assert mine.metrics["f1"].search == pytest.approx(search.best_trial.score)
    assert (f1.value, f1.low, f1.high) == pytest.approx((mine.value, mine.low, mine.high))
    loss = mine.metrics["log_loss"].expected
    assert 0 < loss.low < loss.value < loss.high
    assert set(mine.metrics) == {"f1", "log_loss"}


def test_trials_that_could_not_be_the_best_have_no_other_metrics_unless_asked(searched):
    search = searched(trials=12)
    keep_metrics(search)
    found = expected(search)
    worst = min(search.trials.all(), key=lambda trial: trial.score).number
    assert found[worst].metrics == {}
    asked = expected(search, also={worst})[worst]
    assert asked.metrics["f1"].expected.value == pytest.approx(asked.value)


def test_a_metric_whose_rows_one_contender_lacks_is_not_told(searched):
    search = searched()
    keep_metrics(search, without={"f1"})
    assert set(expected(search)[search.best_trial.number].metrics) == {"log_loss"}


def test_other_metrics_of_folds_without_rows_are_not_told(searched):
    search = searched(kind="k_fold", folds=3)
    found = expected(search)[search.best_trial.number]
    assert found.basis == "folds" and found.metrics == {}


def test_trials_that_were_stopped_early_count_in_the_choice(searched):
    search = searched()
    keep_rows(search)
    best = search.best_trial.number
    whole, more = expected(search)[best], expected(search, tried=60)[best]
    assert whole.choice < more.choice < 2 * whole.choice
    assert (more.trials, more.why) == (60, "")


def test_the_only_trial_that_ran_to_its_end_says_what_is_not_known(searched):
    search = searched(trials=1)
    keep_rows(search)
    found = expected(search, tried=9)[0]
    assert found.why == (
        "All other trials were stopped early, so what the choice among them adds is not known."
    )
    assert expected(search)[0].why == ""


def test_what_is_not_known_of_the_objective_is_in_doubt_for_other_metrics_too(searched):
    search = searched(trials=1)
    keep_metrics(search)
    sure, unsure = (expected(search, tried=n)[0].metrics["f1"].expected for n in (1, 9))
    assert unsure.high - unsure.low > sure.high - sure.low


def test_predictions_of_an_earlier_version_are_scored_when_they_are_read(searched):
    """Their files hold no row scores; how much is luck of the epochs is told by the other folds."""
    search = searched(kind="k_fold", folds=3)
    keep_rows(search, crossed=False)
    known = expected(search)
    for trial in search.trials.all():
        for each in trial.executions.all():
            right = rights(trial.number, each.part)
            path = storage.absolute(each.artifacts.get(kind="predictions").path)
            with np.load(path) as arrays:
                rows = arrays["rows"]
            said = np.zeros((ROWS, 10), "float32")
            said[np.arange(ROWS), np.where(right, 4, 5)] = 1
            np.savez(path, rows=rows, targets=np.full(ROWS, 4), predictions=said)
            each.artifacts.filter(kind="predictions").update(sha256=sha256_of(path))
    assert expected(search) == known


@pytest.mark.parametrize("bad", [np.full(ROWS, np.nan), np.ones(3), np.full(ROWS, np.inf)])
def test_rows_that_hostile_code_wrote_are_no_metric(searched, bad):
    """A NaN would reach the record of the winner, which no database takes as JSON."""
    search = searched()
    keep_metrics(search)
    path = storage.absolute(
        search.best_trial.artifacts.get(kind="predictions", execution__index=0).path
    )
    with np.load(path) as arrays:
        kept = {**arrays, "metric_f1": bad}
    np.savez(path, **kept)
    Artifact.objects.filter(path=storage.relative(path)).update(sha256=sha256_of(path))
    assert set(expected(search)[search.best_trial.number].metrics) == {"log_loss"}
