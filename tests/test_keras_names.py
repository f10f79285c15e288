"""What the code editor completes: of the very Keras and KerasTuner that are installed."""

from functools import cache

import pytest

from tests import keras_names

pytestmark = pytest.mark.training


@pytest.fixture(autouse=True, scope="module")
def read_once():
    """All of Keras is parsed once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras_names, "keras_entries", cache(keras_names.keras_entries))
        yield


def test_the_table_is_that_of_the_packages_that_are_there():
    assert keras_names.TABLE.read_text(encoding="utf-8") == keras_names.table()


def test_it_holds_what_models_are_made_of():
    entries = keras_names.keras_entries()
    named = {module: {name for name, _, _ in each} for module, each in entries.items()}
    assert {"Dense", "Conv2D", "Dropout", "LSTM"} <= named["layers"]
    assert {"Adam", "SGD"} <= named["optimizers"]
    assert "relu" in named["activations"] and "BinaryCrossentropy" in named["losses"]
    assert {name for name, _, _ in keras_names.tuner_entries()} >= {"Int", "Float", "Choice"}


def test_arguments_are_the_constructors():
    (dense,) = (each for each in keras_names.keras_entries()["layers"] if each[0] == "Dense")
    assert dense[1][:3] == ["units", "activation=None", "use_bias=True"]
