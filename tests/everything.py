"""`make check`, `make test` and `make test-all`: every check and test of a level, with a table at the end.

Programs that use one core run one after the other beside the tests, which have a worker for each core.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from experiments.stack.redis_server import find_program
from tests.levels import LEVELS
from tests.servers import chromium_path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
NODE_BIN = ROOT / "node_modules" / ".bin"
NICE = ("nice", "-n", "5")  # of what runs beside tests that watch a clock


@dataclass(frozen=True, slots=True)
class Stage:
    """One program. levels: the commands that run it; tests: whether it is pytest, which notes what failed."""

    title: str
    command: Sequence[str]
    levels: Sequence[str] = LEVELS
    tests: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """How a stage ended; failed: a test and its error in two lines, for each."""

    stage: Stage
    passed: bool
    seconds: float
    failed: str = ""


def checks() -> list[Stage]:
    """What uses one core each, the longest first."""
    templates = sorted(str(path) for path in (ROOT / "templates").rglob("*.html"))
    scripts = sorted(str(path) for path in (ROOT / "tests" / "js").rglob("*.test.mjs"))
    migrations = ["manage.py", "makemigrations", "--check", "--dry-run"]
    return [
        Stage("mypy", [str(BIN / "mypy"), "experiments", "tuning_site", "benchmarks"]),
        Stage("node --test", ["node", "--test", "--test-reporter=dot", *scripts]),
        Stage("tsc", [str(NODE_BIN / "tsc"), "--project", "jsconfig.json"]),
        Stage("oxlint", [str(NODE_BIN / "oxlint"), "static/js", "tests/js", "experiments/stack"]),
        Stage("import-linter", [str(BIN / "lint-imports")]),
        Stage("migrations", [sys.executable, *migrations]),
        Stage("djade", [str(BIN / "djade"), "--check", "--target-version", "5.2", *templates]),
        Stage("ruff", [str(BIN / "ruff"), "check", "."]),
        Stage("ruff format", [str(BIN / "ruff"), "format", "--check", "--quiet", "."]),
        Stage("pip-audit", [sys.executable, "-m", "tests.audit", "pip"], ("all",)),
        Stage("npm audit", [sys.executable, "-m", "tests.audit", "npm"], ("all",)),
    ]


def runs_of_tests(level: str) -> list[Stage]:
    """A run of pytest for each database: workers, servers and TensorFlow start once in it."""
    databases = {"sqlite": LEVELS, "postgres": ("gate", "all")}
    options = ["-n", "2", "--dist", "worksteal", f"--level={level}", "-rfE"]
    return [
        Stage(
            f"tests on {database}",
            [str(BIN / "pytest"), f"--database={database}", *options],
            levels,
            tests=True,
        )
        for database, levels in databases.items()
    ]


def print_versions() -> None:
    """Which interpreters and servers this run uses; PostgreSQL is named by its own stage."""
    lines = {
        "Python": f"{platform.python_version()} on {platform.platform()}",
        "TensorFlow": version("tensorflow"),
        "Keras": version("keras"),
        "Django": version("django"),
        "RQ": version("rq"),
        "Redis": _said([find_program(), "--version"]),
        "Node.js": _said(["node", "--version"]),
        "Chromium": _said([chromium_path(), "--version"]) if chromium_path() else "Playwright's",
    }
    for name, value in lines.items():
        print(f"  {name:<11} {value}")


def _said(command: list[str]) -> str:
    finished = subprocess.run(command, capture_output=True, text=True, check=True)
    return finished.stdout.strip()


def run(stage: Stage, *, beside: bool = False) -> Result:
    """Run a stage. beside: other stages run too, so what it says is printed when it has ended."""
    started = time.monotonic()
    environment = {**os.environ, "SECRET_KEY": "only-for-tests"}
    environment["DATABASE_URL"] = "sqlite://:memory:"
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # see tests/plugin.py
    if not beside:
        print(f"\n=== {stage.title}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        failed_to = Path(folder, "failed")
        finished = subprocess.run(
            [
                *(NICE if beside else ()),
                *stage.command,
                *([f"--failed-to={failed_to}"] if stage.tests else ()),
            ],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            env=environment,
            text=True,
            stdout=subprocess.PIPE if beside else None,
            stderr=subprocess.STDOUT if beside else None,
        )
        failed = failed_to.read_text() if failed_to.exists() else ""
    if beside:
        print(f"\n=== {stage.title}\n{finished.stdout}", flush=True)
    return Result(stage, finished.returncode == 0, time.monotonic() - started, failed)


def run_all(beside: Sequence[Stage], in_turn: Sequence[Stage]) -> list[Result]:
    """Both rows at once, each in its order, also after a failure: one run tells all."""
    with ThreadPoolExecutor(1) as thread:
        row = [thread.submit(run, stage, beside=True) for stage in beside]
        results = [run(stage) for stage in in_turn]
        return [future.result() for future in row] + results


def summary(results: Sequence[Result]) -> str:
    """A line for each stage, and below it what failed and why."""
    lines = ["=== Summary"]
    for result in results:
        word = "passed" if result.passed else "FAILED"
        lines.append(f"  {word:<8}{result.seconds:7.1f} s  {result.stage.title}")
        lines += [f"{'':21}{line}" for line in result.failed.splitlines()]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the stages of a level."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("level", choices=LEVELS)
    level: str = parser.parse_args(arguments).level
    print("This run uses:")
    print_versions()
    rows: list[list[Stage]] = [
        [stage for stage in stages if level in stage.levels]
        for stages in (checks(), runs_of_tests(level))
    ]
    results = run_all(*rows)
    print(f"\n{summary(results)}")
    return 0 if all(result.passed for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
