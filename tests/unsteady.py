"""Tests that watch a browser or whole processes: one that fails on a busy machine is tried once more, alone.

It stays in the summary by name, so that it is mended. All other tests have one attempt.
"""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pytest

WATCHERS: Final = ("tests/browser/", "tests/stack/", "tests/faults/")
MOST: Final = 3  # more that fail at once are no accident


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where a run leaves the ids of what failed, a line each."""
    parser.addoption("--failed-to", type=Path, help="write the ids of failed tests into this file")


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Write them. A file that did not load, or a fixture that broke, is there too."""
    path: Path | None = config.getoption("failed_to")
    if path is not None:
        stats = terminalreporter.stats
        reports = [*stats.get("failed", []), *stats.get("error", [])]
        path.write_text("".join(f"{name}\n" for name in sorted({it.nodeid for it in reports})))


def may_be_tried_again(failed: Sequence[str]) -> bool:
    """Whether all of these depend on how fast other programs were, and are few."""
    watching = all(name.startswith(WATCHERS) and "::" in name for name in failed)
    return 0 < len(failed) <= MOST and watching


def tried_again(
    pytest: Sequence[str], failed_to: Path, root: Path, environment: Mapping[str, str]
) -> tuple[str, ...]:
    """The tests that failed in a run of pytest and pass alone; empty where the failure stands.

    pytest: the command without what chooses tests, for instance ["pytest", "--database=postgres"].
    failed_to: what that run wrote; it is not there where the run did not come to its end.
    """
    failed = failed_to.read_text().splitlines() if failed_to.exists() else []
    if not may_be_tried_again(failed):
        return ()
    command = [*pytest, "-n", "0", "-rfEsx", *failed]
    finished = subprocess.run(command, cwd=root, stdin=subprocess.DEVNULL, env=environment)
    return tuple(failed) if finished.returncode == 0 else ()
