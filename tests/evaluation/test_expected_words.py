"""The expected score in words."""

from experiments.evaluation.expected import Expected, MetricScores
from experiments.evaluation.expected_words import NOT_COMPUTED, expected_score
from experiments.evaluation.row_estimates import Estimate


def words(*, higher_is_better=True, **values):
    return expected_score(Expected(**values).to_dict(), higher_is_better=higher_is_better)


def test_value_interval_and_what_luck_was_taken_off():
    found = words(
        value=0.8432, low=0.81, high=0.872, rows=1200, trials=20, epochs=0.018, choice=0.012
    )
    assert found.text == "0.8432 (95 % interval 0.8100 to 0.8720)"
    assert found.note == (
        "Search score corrected for luck (selected from 20 trials: −0.0120; own best epochs: −0.0180). "
        "From predictions for 1,200 validation rows."
    )


def test_of_a_loss_the_luck_is_added():
    found = words(value=0.5, low=0.4, high=0.6, rows=100, epochs=0.02, higher_is_better=False)
    assert "(own best epochs: +0.0200)" in found.note


def test_from_folds_it_says_why():
    found = words(value=0.8, low=0.7, high=0.9, basis="folds", why="Predictions were not kept.")
    assert found.note == "Predictions were not kept." == found.why


def test_nothing_says_why_and_nothing_computed_when_it_will_be():
    assert (
        words(value=None, basis="nothing", why="One validation set.").note == "One validation set."
    )
    never = expected_score({}, higher_is_better=True)
    assert (never.text, never.note, never.basis) == ("–", NOT_COMPUTED, "")


def test_a_single_row_has_no_interval():
    assert words(value=1.0, rows=1).text == "1.000"


def test_every_metric_has_what_it_is_expected_to_be_the_objectives_own_too():
    f1 = MetricScores(0.8, Estimate(0.75, 0.7, 0.8))
    stored = Expected(0.9, 0.85, 0.95, rows=90, metrics={"f1": f1}).to_dict()
    found = expected_score(stored, higher_is_better=True)
    own = Estimate(0.9, 0.85, 0.95)
    assert found.by_metric("") == {"f1": f1.expected}
    assert found.by_metric("accuracy") == {
        "f1": f1.expected,
        "accuracy": own,
        "recall_weighted": own,  # and the others that equal it
        "precision_micro": own,
        "recall_micro": own,
        "f1_micro": own,
    }
    assert found.alone.metrics == {} and found.alone.text == found.text


def test_from_folds_a_loss_with_a_penalty_is_not_its_metric():
    stored = Expected(0.9, 0.85, 0.95, basis="folds", why="Not a mean.").to_dict()
    assert expected_score(stored, higher_is_better=False).by_metric("log_loss") == {}
