"""What the three commands run, and what they say at the end."""

import os
import subprocess
import sys

import pytest

from tests.everything import ROOT, Stage, checks, run, run_all, runs_of_tests, summary
from tests.levels import belongs

PLAIN = {key: value for key, value in os.environ.items() if not key.startswith("DJANGO")}


@pytest.mark.parametrize(
    ("marks", "levels"),
    [
        (set(), ["check sqlite", "gate sqlite", "all sqlite"]),
        ({"thorough"}, ["all sqlite"]),
        ({"training"}, ["gate sqlite", "all sqlite"]),
        ({"browser", "database"}, ["gate sqlite", "all sqlite", "all postgres"]),
        (
            {"database", "both_databases"},
            ["gate sqlite", "gate postgres", "all sqlite", "all postgres"],
        ),
        ({"database", "both_databases", "thorough"}, ["all sqlite", "all postgres"]),
    ],
    ids=lambda value: "-".join(sorted(value)) if isinstance(value, set) else "",
)
def test_a_test_runs_at_these_levels(marks, levels):
    runs = [
        f"{level} {database}"
        for level in ("check", "gate", "all")
        for database in ("sqlite", "postgres")
        if (level, database) != ("check", "postgres") and belongs(marks, level, database)
    ]
    assert runs == levels


def test_each_stage_belongs_to_a_level_and_the_checks_to_all():
    assert {level for stage in runs_of_tests("all") for level in stage.levels} == {
        "check",
        "gate",
        "all",
    }
    assert all("all" in stage.levels for stage in checks())


CODE = """
import pytest
@pytest.fixture
def broken():
    raise OSError("no server")
def test_fails():
    assert 1 == 2, "one is not two"
def test_breaks(broken):
    pass
def test_passes():
    pass
"""


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A folder with three tests."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_three.py").write_text(CODE)
    monkeypatch.setattr("tests.everything.ROOT", tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


def pytest_here(*arguments: str) -> Stage:
    plain = (sys.executable, "-m", "pytest", "-q", "-p", "no:django", "-p", "tests.levels")
    return Stage("three tests", [*plain, *arguments], tests=True)


def test_what_failed_stands_in_the_summary_with_its_error(checkout):
    result = run(pytest_here("-n", "1"), beside=True)
    assert not result.passed
    text = summary([result])
    assert "FAILED" in text
    assert "test_three.py::test_fails" in text
    assert "one is not two" in text
    assert "OSError: no server" in text
    assert "test_passes" not in text


def test_a_file_that_does_not_load_stands_there_too(checkout):
    (checkout / "test_three.py").write_text("import nothing_of_that_name\n")
    result = run(pytest_here(), beside=True)
    assert not result.passed
    assert "nothing_of_that_name" in result.failed


def test_every_stage_is_run_after_a_failure_and_each_has_its_line():
    stages = [
        Stage(f"ends with {code}", [sys.executable, "-c", f"exit({code})"]) for code in "012"
    ]
    results = run_all(stages[:2], stages[2:])
    assert [result.passed for result in results] == [True, False, False]
    lines = [line.split() for line in summary(results).splitlines()[1:]]
    assert [line[0] for line in lines] == ["passed", "FAILED", "FAILED"]


def test_timings_have_a_line_for_each_test(checkout):
    stage = pytest_here("--timings=times")
    subprocess.run(stage.command, cwd=checkout, env={**PLAIN, "PYTHONPATH": str(ROOT)})
    lines = (checkout / "times").read_text().splitlines()
    assert len(lines) == 3
    assert '"id": "test_three.py::test_fails"' in lines[0]


@pytest.mark.parametrize(
    ("level", "tried"), [("check", "25"), ("gate", "25"), ("all", "100")], ids=lambda value: value
)
def test_a_property_is_tried_with_few_examples_before_test_all(checkout, level, tried):
    (checkout / "test_three.py").write_text(
        "from hypothesis import given, settings, strategies\n"
        "seen = []\n"
        "@settings(max_examples=100)\n"
        "@given(strategies.integers())\n"
        "def test_number(number):\n"
        "    seen.append(number)\n"
        "def test_count():\n"
        f"    assert len(seen) == {tried}\n"
    )
    result = run(pytest_here(f"--level={level}"), beside=True)
    assert result.passed, result.failed
