"""What is tried once more after a run, and what is not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.everything import ROOT, TESTS_FAILED, Stage, pytest_stage, run, run_command
from tests.unsteady import may_be_tried_again, passes_alone, read_failed

STEADY = "tests/search/space/test_space.py::test_a"
PLAIN = {key: value for key, value in os.environ.items() if not key.startswith("DJANGO")}
PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "tests.unsteady"]
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
        (["tests/tuner/test_code_parts.py::test_c"], True),
        ([f"{WATCHER}{number}" for number in range(4)], False),
    ],
    ids=["one", "two", "none", "steady", "mixed", "does not load", "a child", "too many"],
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
    command = [*PYTEST, "-n", "1", f"--failed-to={checkout / 'failed'}"]
    environment = {**PLAIN, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=checkout, env=environment, capture_output=True).returncode


def again(checkout: Path) -> bool:
    failed = list(read_failed(checkout / "failed"))
    return passes_alone(PYTEST, failed, checkout, {**PLAIN, "PYTHONPATH": str(ROOT)})


def test_one_that_passes_alone_is_named(checkout):
    assert first_run(checkout) == TESTS_FAILED
    name = "tests/browser/test_live.py::test_seldom"
    assert read_failed(checkout / "failed") == {name: "assert False"}
    assert again(checkout)


def test_one_that_fails_twice_fails(checkout):
    (checkout / "broken").touch()
    assert first_run(checkout) == TESTS_FAILED
    assert not again(checkout)


def test_a_file_that_does_not_load_is_not_repeated(checkout):
    (checkout / "tests" / "browser" / "test_live.py").write_text("import nothing_of_that_name\n")
    assert first_run(checkout) != 0
    (error,) = read_failed(checkout / "failed").values()
    assert "nothing_of_that_name" in error
    assert not again(checkout)


def test_a_run_without_a_record_is_not_repeated(tmp_path):
    assert not again(tmp_path)


def test_a_stage_runs_with_the_options_of_this_project():
    """No test is chosen, which pytest says by its code: the options themselves were understood."""
    stage = pytest_stage("title", "tests/house", "-k", "no_test_has_this_name", database="sqlite")
    environment = {**os.environ, "SECRET_KEY": "only-for-tests"}
    assert run_command(stage, environment) == (False, {})
    finished = subprocess.run([*stage.command, "--failed-to=/dev/null"], cwd=ROOT, env=environment)
    assert finished.returncode == pytest.ExitCode.NO_TESTS_COLLECTED
    assert stage.retry[1:] == ("--database=sqlite",)


@pytest.mark.parametrize("retry", [(), ("pytest",)], ids=["a check", "a run without a record"])
def test_a_stage_that_fails_without_a_record_has_failed(retry):
    stage = Stage("title", [sys.executable, "-c", "raise SystemExit(1)"], retry=retry)
    result = run(stage)
    assert (result.passed, result.failed) == (False, {})
