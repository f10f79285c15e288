"""Two scripts as people paste them: one of KerasTuner from 2020, one of plain Keras."""

import pytest

from experiments.training.code_messages import SpaceOrder
from tests.pasted import PLAIN, TUNED

pytestmark = pytest.mark.training


def read(pool, source, token):
    return pool.read_space(SpaceOrder(token, source, 10, [28, 28, 1]), "project-1", seconds=120)


def test_a_tuner_script_gives_its_space_and_what_it_says_of_its_search(sandboxed):
    told = read(sandboxed, TUNED, "tuned")
    assert told.problem == ""
    assert told.entry == "object:MyHyperModel(num_classes=10)"
    rows = {row["name"]: row for row in told.rows}
    assert list(rows) == ["units", "dropout", "learning_rate"]
    units, dropout = rows["units"], rows["dropout"]
    assert (units["min"], units["max"], units["step"]) == (32, 512, 32)
    assert (dropout["max"], dropout["step"], dropout["default"]) == (0.5, 0.1, 0.2)
    assert rows["learning_rate"]["choices"] == [1e-2, 1e-3, 1e-4]
    # It loads its data by a function that it hasn't; the form of an experiment chooses the data.
    line = TUNED.split("load_data()")[0].count("\n") + 1
    assert told.notes == [
        f"Line {line}: load_data() isn't defined, so it returns the data chosen in the form."
    ]
    assert told.script["left_out"][0] == [line, line]
    assert (told.script["kind"], told.script["tuner"]) == ("search", "RandomSearch")
    plan = told.script["plan"]
    assert plan["rows"] == {"batch_size": 32, "epochs": 30}
    assert plan["protocol"] == {
        "kind": "holdout",
        "validation_share": 0.2,
        "repeats": 3,
        "racing": False,
    }
    assert (plan["objective"], plan["budget"]) == ("val_accuracy", {"max_trials": 10})


def test_a_script_without_hyperparameters_is_one_model(sandboxed):
    told = read(sandboxed, PLAIN, "plain")
    assert (told.problem, told.entry, told.rows) == ("", "plain:create_model", [])
    assert (told.script["kind"], told.script["datasets"]) == ("fit", ["mnist"])
    assert told.script["plan"]["rows"] == {"batch_size": 128, "epochs": 10}
    assert told.script["own_validation"] is True


LOADS = """
import keras
from sklearn.datasets import load_iris

def build(hp):
    rows = load_iris().data
    return keras.Sequential([keras.layers.Dense(3)])
"""
SEARCHES = """
import keras_tuner as kt
from sklearn.datasets import load_iris
x, y = load_iris(return_X_y=True)

def build(hp):
    return None

kt.RandomSearch(build, objective="val_loss").search(x, y)
"""


@pytest.mark.parametrize(("source", "line"), [(LOADS, 6), (SEARCHES, 4)], ids=["build", "script"])
def test_code_that_loads_a_packages_dataset_is_told_which_rows_it_has_instead(
    sandboxed, source, line
):
    told = read(sandboxed, source, f"loads-{line}")
    assert "can't be read by code: rows that experiments lock are among them" in told.problem
    assert told.line == line
