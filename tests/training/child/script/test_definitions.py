"""Whether a script reads the test rows of a dataset that it loads by name, from its text."""

import ast

import pytest

from experiments.training.child.script.definitions import reads_test_part


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("(x, y), _ = mnist.load_data()", False),
        ("(x, y), (_, _) = mnist.load_data()", False),
        ("(x, y), (x_test, y_test) = mnist.load_data()\nmodel.fit(x, y)", False),
        ("(x, y), (x_test, y_test) = mnist.load_data()\nmodel.evaluate(x_test, y_test)", True),
        ("(x, y), test = mnist.load_data()\nprint(test)", True),
        ("data = mnist.load_data()", True),
        ("(x, y), (kept['x'], kept['y']) = mnist.load_data()", True),
        ("def load():\n    return mnist.load_data()\n(x, y), _ = load()", True),
        ("(x, y), _ = mnist.load_data()\ntest = cifar10.load_data()[1]", True),
    ],
)
def test_names_that_are_never_read_are_no_reading(text, reads):
    assert reads_test_part(ast.parse(text)) is reads
