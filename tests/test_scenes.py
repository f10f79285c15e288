"""Every scene names tests that there are."""

import ast
from pathlib import Path

import pytest

from tests.scenes import SCENES, chosen


@pytest.mark.parametrize("name", sorted({test for tests in SCENES.values() for test in tests}))
def test_a_scene_names_a_test(name):
    path, _, test = name.partition("::")
    tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    assert not test or test in {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef)
    }


def test_words_narrow_the_scenes():
    assert chosen(["iris", "NaN"]).keys() < SCENES.keys()
    assert len(chosen(["iris", "NaN"])) == 2
    assert chosen([]) == SCENES
