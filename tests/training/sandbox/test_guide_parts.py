"""The guide's examples of parts keep the contracts that they explain."""

import re
from pathlib import Path

import pytest

from experiments.training.code_messages import CheckOrder

pytestmark = pytest.mark.training

GUIDE = Path("docs/guide/own-code.md").read_text(encoding="utf-8")
PARTS = GUIDE.split("## Parts\n")[1].split("\n## ")[0]
EXAMPLES = re.findall(r"### (\w+)\(.*?```python\n(.*?)```", PARTS, re.DOTALL)
BESIDE = """
import keras


def build(hp):
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


"""


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_an_example_of_the_guide_keeps_its_contract(sandboxed, name, example):
    source = example if "def build" in example else BESIDE + example
    order = CheckOrder(f"guide-{name}", source, 10, [28, 28, 1])
    told = sandboxed.check(order, "project-1", seconds=120)
    assert told.problem == ""
    assert len(told.parts) == 2
    assert [part.message for part in told.parts if not part.passed] == []


def test_each_part_of_the_guide_has_an_example():
    named = re.findall(r"### (\w+)\(", PARTS)
    assert named == [name for name, _ in EXAMPLES]
    assert {
        "metrics",
        "loss",
        "objective",
        "callbacks",
        "early_stopping",
        "load_data",
        "fit",
    } <= set(named)
