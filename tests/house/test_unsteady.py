"""What is tried once more after a run, and what is not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.everything import KEEP_FAILED, TESTS_FAILED, pytest_stage
from tests.unsteady import failed_tests, may_be_tried_again, tried_again

STEADY = "tests/search/test_space.py::test_a"
PLAIN = {key: value for key, value in os.environ.items() if not key.startswith("DJANGO")}
WATCHER = "tests/browser/test_live.py::test_a"


@pytest.mark.parametrize(
    ("failed", "is_tried"),
    [
        ([WATCHER], True),
        ([WATCHER, "tests/stack/test_serve.py::test_b[x]"], True),
        ([], False),
        ([STEADY], False),
        ([WATCHER, STEADY], False),
        (["tests/browser/test_live.py"], False),
        ([f"{WATCHER}{number}" for number in range(4)], False),
    ],
    ids=["one", "two", "none", "steady", "mixed", "does not load", "too many"],
)
def test_only_few_tests_of_browsers_and_processes_have_a_second_attempt(failed, is_tried):
    assert may_be_tried_again(failed) is is_tried


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with two tests, of which one passes at its second attempt."""
    folder = tmp_path / "tests" / "browser"
    folder.mkdir(parents=True)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_live.py").write_text(
        "from pathlib import Path\n"
        "def test_seldom():\n"
        "    seen = Path('seen')\n"
        "    was = seen.exists()\n"
        "    seen.touch()\n"
        "    assert was\n"
        "def test_always():\n"
        "    assert not Path('broken').exists()\n"
    )
    return tmp_path


def first_run(checkout: Path) -> int:
    command = [sys.executable, "-m", "pytest", "-q", *KEEP_FAILED]
    return subprocess.run(command, cwd=checkout, env=PLAIN, capture_output=True).returncode


def again(checkout: Path) -> tuple[str, ...]:
    return tried_again([sys.executable, "-m", "pytest", "-q"], checkout, PLAIN)


def test_one_that_passes_alone_is_named(checkout):
    assert first_run(checkout) == TESTS_FAILED
    assert failed_tests(checkout) == ["tests/browser/test_live.py::test_seldom"]
    assert again(checkout) == ("tests/browser/test_live.py::test_seldom",)


def test_one_that_fails_twice_fails(checkout):
    (checkout / "broken").touch()
    assert first_run(checkout) == TESTS_FAILED
    assert again(checkout) == ()


def test_a_run_without_a_record_is_not_repeated(tmp_path):
    assert again(tmp_path) == ()


def test_stages_record_what_failed():
    stage = pytest_stage("title", "-m", "stack", database="postgres")
    assert stage.command[1 : 2 + len(KEEP_FAILED)] == ["--database=postgres", *KEEP_FAILED]
    assert stage.retry[1:] == ("--database=postgres",)
