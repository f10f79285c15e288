"""Every test that is counted as passed has looked at something: none skips, none returns, none depends on speed."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.house.test_files import read, tracked

MINE = "tests/house/test_tests.py"
SKIPS = re.compile(
    r"pytest\.(mark\.)?(skip|skipif|xfail|importorskip)\b|\bSkipTest\b|\bskipTest\b"
    r"|unittest\.skip|from pytest import .*\b(skip|xfail|importorskip)\b"
)
OTHER_SCOPE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def of_the_function(node: ast.AST) -> Iterator[ast.AST]:
    """Every node below, but for functions and classes inside: their `return` is their own."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, OTHER_SCOPE):
            yield child
            yield from of_the_function(child)


def is_test(node: ast.AST) -> bool:
    function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    return function and node.name.startswith("test")


def returning(tree: ast.AST) -> list[str]:
    """Tests that may end before their last line."""
    return [
        test.name
        for test in filter(is_test, ast.walk(tree))
        if any(isinstance(node, ast.Return) for node in of_the_function(test))
    ]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def test_a():\n    if x:\n        return\n    assert y", ["test_a"]),
        ("def test_a():\n    for x in y:\n        with z:\n            return None", ["test_a"]),
        ("class TestA:\n    def test_b(self):\n        return", ["test_b"]),
        ("def test_a():\n    def f():\n        return 1\n    assert f()", []),
        ("def helper():\n    return 1", []),
    ],
)
def test_the_walk_sees_a_return(source, found):
    assert returning(ast.parse(source)) == found


def test_no_test_returns():
    # What a run can't do is left out by @pytest.mark.needs, and hypothesis has `assume`.
    found = {name: returning(ast.parse(read(name))) for name in tracked(".py") if "test" in name}
    assert len(found) > 100
    assert {name: tests for name, tests in found.items() if tests} == {}


@pytest.mark.parametrize(
    "line", ["pytest.skip('no')", "@pytest.mark.xfail", "raise unittest.SkipTest"]
)
def test_a_skip_is_seen(line):
    assert SKIPS.search(line)


def test_no_test_is_skipped_or_expected_to_fail():
    assert [n for n in tracked(".py") if n != MINE and SKIPS.search(read(n))] == []


def test_no_test_fails_by_a_stop_watch():
    # Benchmarks take times. A test counts steps (tests/steps.py), or waits as tests/pace.py allows.
    watches = re.compile(r"\b(process_time|perf_counter)\b")
    tests = [name for name in tracked(".py") if name.startswith("tests/") and name != MINE]
    assert [name for name in tests if watches.search(read(name))] == []
