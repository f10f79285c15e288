"""Names of metrics tell which way is better, also where KerasTuner has it wrong."""

import pytest

from experiments.interop.keras_tuner.directions import direction_by_name


@pytest.mark.parametrize(
    "name",
    [
        *("acc", "val_accuracy", "sparse_categorical_accuracy", "val_auc_1", "precision_3"),
        *("val_f1_score", "r2_score", "cosine_similarity", "val_mean_io_u", "weighted_acc"),
    ],
)
def test_more_is_better(name):
    assert direction_by_name(name) == "maximize"


@pytest.mark.parametrize(
    "name", ["loss", "val_loss", "out_1_loss", "rmse", "val_mae", "binary_crossentropy", "kld"]
)
def test_less_is_better(name):
    assert direction_by_name(name) == "minimize"


@pytest.mark.parametrize("name", ["score", "val_profit", "x"])
def test_a_name_that_says_nothing_is_asked_about(name):
    assert direction_by_name(name) is None
