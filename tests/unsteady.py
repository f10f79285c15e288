"""Tests that watch a browser or other processes: one that fails on a busy machine is tried once more, alone.

It stays in the summary, with its error, so that it is mended. All other tests have one attempt.
"""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pytest

WATCHERS: Final = tuple(
    f"tests/{name}/" for name in ("browser", "chief", "faults", "stack", "training", "tuner")
)
MOST: Final = 3  # more that fail at once are no accident
LONGEST: Final = 300  # characters of an error


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where a run leaves what failed: a line each, id, tab, error."""
    parser.addoption("--failed-to", type=Path, help="write what failed into this file")


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Write them. A file that did not load, or a fixture that broke, is there too."""
    path: Path | None = config.getoption("failed_to")
    if path is not None:
        stats = terminalreporter.stats
        reports = [*stats.get("failed", []), *stats.get("error", [])]
        errors = {report.nodeid: error_of(report) for report in reports}
        path.write_text("".join(f"{name}\t{error}\n" for name, error in sorted(errors.items())))


def error_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    """The first line of what went wrong; a long run's output may be cut before anybody reads it."""
    crash = getattr(report.longrepr, "reprcrash", None)
    words = report.longreprtext.strip().splitlines()[-1:] if crash is None else [crash.message]
    return " ".join("".join(words).split())[:LONGEST]


def read_failed(path: Path) -> dict[str, str]:
    """Error by id, of a run's record; empty where the run did not come to its end."""
    lines = path.read_text().splitlines() if path.exists() else []
    return dict(line.split("\t", 1) for line in lines)


def may_be_tried_again(failed: Sequence[str]) -> bool:
    """Whether all of these depend on how fast other programs were, and are few."""
    watching = all(name.startswith(WATCHERS) and "::" in name for name in failed)
    return 0 < len(failed) <= MOST and watching


def passes_alone(
    pytest: Sequence[str], failed: Sequence[str], root: Path, environment: Mapping[str, str]
) -> bool:
    """Whether what failed in a run may be tried again, and then passes.

    pytest: the command without what chooses tests, for instance ["pytest", "--database=postgres"].
    """
    if not may_be_tried_again(failed):
        return False
    command = [*pytest, "-n", "0", "-rfEsx", *failed]
    finished = subprocess.run(command, cwd=root, stdin=subprocess.DEVNULL, env=environment)
    return finished.returncode == 0
