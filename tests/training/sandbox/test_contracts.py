"""Parts of code against their contracts: which are found, what passes, what breaks and at which line."""

import pytest

from experiments.training.code_messages import CheckOrder, SpaceOrder

pytestmark = pytest.mark.training

MODEL = """
import keras


def build(hp):
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""
METRICS = """

def top_two(y_true, y_pred):
    return keras.metrics.sparse_top_k_categorical_accuracy(y_true, y_pred, k=2)


def metrics():
    return [top_two, keras.metrics.SparseCategoricalCrossentropy(name="nats")]
"""


@pytest.fixture
def checked(sandboxed):
    """Each part of a source by its kind."""

    def check(source):
        order = CheckOrder(f"check-{len(source)}", source, 10, [28, 28, 1])
        told = sandboxed.check(order, "project-1", seconds=120)
        return told.problem, {part.kind: part for part in told.parts}

    return check


def test_parts_are_listed_where_the_space_is_read(sandboxed):
    order = SpaceOrder("listed", MODEL + METRICS, 10, [28, 28, 1])
    told = sandboxed.read_space(order, "project-1", seconds=120)
    assert [(part.kind, part.name, part.line) for part in told.parts] == [
        ("model", "build", 5),
        ("metrics", "metrics", 15),
    ]


def test_parts_that_keep_their_contracts_pass(checked):
    problem, parts = checked(MODEL + METRICS)
    assert problem == ""
    assert all(part.passed for part in parts.values()), parts
    assert "top_two" in parts["metrics"].message and "nats" in parts["metrics"].message


def test_a_part_that_breaks_names_its_line_and_hides_no_other(checked):
    _, parts = checked(MODEL + "\n\ndef metrics():\n    return [1 / 0]\n")
    assert parts["model"].passed
    assert not parts["metrics"].passed
    assert (parts["metrics"].line, "ZeroDivisionError" in parts["metrics"].message) == (12, True)


UNSEEN = """
import keras
from keras_tuner import HyperModel


class Net(HyperModel):
    def build(self, hp):
        return keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10)])

    def fit(self, hp, model, x, y):
        model.compile("adam", "mse")
        return model.fit(x, y)
"""


def test_a_fit_that_would_train_unseen_breaks_its_contract_and_is_told_of_where_it_is_read(
    checked, sandboxed
):
    _, parts = checked(UNSEEN)
    assert not parts["fit"].passed and parts["fit"].message.startswith("fit accepts no callbacks")
    assert parts["model"].passed, parts["model"].message  # its own fit compiles it
    told = sandboxed.read_space(
        SpaceOrder("unseen", UNSEEN, 10, [28, 28, 1]), "project-1", seconds=120
    )
    assert told.problem == "" and told.notes[0].startswith("fit accepts no callbacks")


def test_code_with_nothing_to_check_says_so(checked):
    problem, parts = checked("x = 1\n")
    assert "Found no part" in problem and parts == {}
