"""Outputs that don't fit their loss or target are named; healthy ones never are."""

import json

import pytest

from tests.training.orders import printed_by

pytestmark = pytest.mark.training

SOFTMAX = {
    "softmax missing": 'End the model with activation="softmax"',
    "sigmoid for softmax": "last activation: sigmoid",
    "softmax missing in a subclass": "the outputs of a row sum to",
    "softmax doubled": "from_logits=False",
    "softmax doubled in a subclass": "softmax is applied twice",
    "softmax twice": "softmax after softmax",
    "sigmoid missing": "probabilities between 0 and 1",
    "functional": "last activation: linear",
    "nested": "last activation: linear",
    "sigmoid doubled": "sigmoid is applied twice",
}
OUTPUT = {
    "softmax over one": "1 for every row",
    "too few units": "The model has 3 units, but the target has 10 classes",
    "one unit for ten": "The model has 1 unit, but the target has 10 classes",
    "error against indices": "the class index itself",
    "two units, binary": "the class index itself",
    "sigmoid for prices": "0 to 1, but the target ranges from",
    "relu for prices": "0 or more, but the target ranges from",
    "classes' loss for prices": "is for classes, but the target is a number",
    "three numbers for one": "3 units per row, but the target has 1",
    "an axis too many": "3 × 10 numbers per row",
}


@pytest.fixture(scope="module")
def found(training_pool, tmp_path_factory):
    source = "from tests.training.child.heads import print_all\nprint_all()\n"
    printed = printed_by(training_pool, source, tmp_path_factory.mktemp("heads"))
    lines = [each for each in printed.splitlines() if each.startswith("FOUND ")]
    return dict(json.loads(line.removeprefix("FOUND ")) for line in lines)


@pytest.mark.parametrize(("check", "cases"), [("softmax", SOFTMAX), ("output", OUTPUT)])
def test_each_problem_is_named_with_what_was_seen(found, check, cases):
    for name, words in cases.items():
        result, said = found[name][check]
        assert result == "found" and words in said, (name, found[name])


def test_no_healthy_model_is_warned_of(found):
    healthy = found.keys() - SOFTMAX.keys() - OUTPUT.keys()
    assert len(healthy) >= 15
    warned = {
        name: found[name]
        for name in healthy
        for result, _ in found[name].values()
        if result == "found"
    }
    assert not warned


def test_what_only_the_models_code_knows_is_not_called_checked(found):
    assert found["scaled shares"]["output"][0] == "not_checked"
    assert found["scaled prices"]["output"][0] == "not_found"
