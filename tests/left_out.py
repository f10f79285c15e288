"""Tests that this run has no database or right for are left out, and named with the reason.

`@pytest.mark.needs("postgres", why="…")`; a test that looks around and returns would pass instead.
"""

import os
import subprocess
import tempfile
from functools import cache

import pytest

NAMES: dict[str, str] = {}  # of this process and, at the end, of its xdist workers: test to reason


@cache
def may_mount() -> bool:
    """Whether the kernel lets this user mount a file system of its own."""
    with tempfile.TemporaryDirectory() as folder:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "none", folder], capture_output=True, check=False
        )
        if mounted.returncode == 0:
            subprocess.run(["umount", folder], check=True)
    return mounted.returncode == 0


HAS = {
    "first run": lambda: os.environ["TUNING_SITE_TESTS"] == "sqlite",  # of everything.py
    "sqlite": lambda: os.environ["TUNING_SITE_TESTS"] == "sqlite",
    "postgres": lambda: os.environ["TUNING_SITE_TESTS"] == "postgres",
    "mount": may_mount,
}


@pytest.hookimpl(trylast=True)  # of the tests that were chosen
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the run can't do."""
    kept: list[pytest.Item] = []
    for item in items:
        lacking = [mark for mark in item.iter_markers("needs") if not HAS[mark.args[0]]()]
        if lacking:
            NAMES[item.nodeid] = f"needs {lacking[0].args[0]}: {lacking[0].kwargs['why']}"
        else:
            kept.append(item)
    if len(kept) < len(items):
        left_out = [item for item in items if item.nodeid in NAMES]
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of xdist hands its names to the process that prints."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = dict(NAMES)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Take over a worker's names; a worker that crashed has none."""
    NAMES.update(getattr(node, "workeroutput", {}).get("left_out", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out and why."""
    for name, why in sorted(NAMES.items()):
        terminalreporter.write_line(f"left out: {name} ({why})")
