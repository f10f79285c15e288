"""What curves show is said in the objective's own units, whatever their scale."""

import numpy as np
import pytest

from experiments.check_outcomes import Found, NotChecked, NotFound
from experiments.search.findings import overfitting, too_few_epochs, underfitting
from experiments.search.findings.search_state import SearchState, TrainedCurve
from experiments.search.history import History, ObservedTrial
from tests.search.spaces import fixed, floats, space_of

EPOCHS = 20
SPACE = space_of(floats("rate", 1e-4, 1e-1, scale="log"), fixed("epochs", EPOCHS))


def look(validation, training=None, *, direction="maximize", **more):
    rng = np.random.default_rng(0)
    trials = tuple(
        ObservedTrial(n, SPACE.draw(rng), "completed", float(max(validation))) for n in range(10)
    )
    curves = tuple(
        TrainedCurve(
            n,
            tuple(float(v + 1e-4 * rng.normal()) for v in validation),
            tuple(map(float, training)) if training is not None else (),
            ran_out=True,
        )
        for n in range(10)
    )
    return SearchState(
        space=SPACE, history=History(trials, direction), curves=curves, objective="val_x", **more
    )


EPOCH = np.arange(EPOCHS)


def test_a_curve_that_only_falls_loses_points_and_no_percents_of_nothing():
    falling = 0.9 - 0.01 * EPOCH
    outcome = overfitting.check(look(falling, 0.5 + 0.02 * EPOCH))
    assert isinstance(outcome, Found)
    assert "gets 0.15 worse" in outcome.things[0].statement
    assert "%" not in outcome.things[0].statement


def test_a_huge_loss_is_named_as_it_is():
    rising = 2e14 * EPOCH
    outcome = overfitting.check(look(rising, 1.0 / (1 + EPOCH), direction="minimize"))
    assert isinstance(outcome, Found)
    assert "gets 3e15 worse" in outcome.things[0].statement


def test_without_the_training_metric_overfitting_is_not_checked():
    assert isinstance(overfitting.check(look(0.9 - 0.01 * EPOCH)), NotChecked)
    assert overfitting.check(look(0.9 - 0.01 * EPOCH, stops_early=True)) is overfitting.STOPS


def test_curves_that_still_rise_get_twice_the_epochs():
    outcome = too_few_epochs.check(look(0.5 + 0.02 * EPOCH))
    assert isinstance(outcome, Found)
    assert outcome.things[0].action.change == {"epochs": 2 * EPOCHS}
    refuses = {"epochs": lambda _: "too many"}
    refused = too_few_epochs.check(look(0.5 + 0.02 * EPOCH, refuses=refuses))
    assert isinstance(refused, Found) and refused.things[0].action.act == ""


def test_curves_at_rest_are_long_enough():
    outcome = too_few_epochs.check(look(0.9 - 0.4 * np.exp(-EPOCH / 3)))
    assert isinstance(outcome, NotFound) and "best 10 trials" in outcome.rests_on[0]


@pytest.mark.parametrize(
    ("training", "kind"), [(0.56, Found), (0.95, NotFound)], ids=["alike", "memorized"]
)
def test_underfitting_needs_low_scores_on_both_sides(training, kind):
    rise = 1 - np.exp(-(EPOCH + 1) / 2)
    state = look(0.5 + 0.05 * rise, 0.5 + (training - 0.5) * rise, constant=0.5, perfect=1.0)
    assert isinstance(underfitting.check(state), kind)


def test_underfitting_is_not_checked_without_a_constant_prediction():
    state = look(0.55 + 0 * EPOCH, 0.55 + 0 * EPOCH)
    assert isinstance(underfitting.check(state), NotChecked)
