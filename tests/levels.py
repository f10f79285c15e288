"""Which tests a command runs: `check` what needs no server, `gate` what a merge needs, `all` everything.

A test belongs to the cheapest level at which it can fail for its reason. What it asks for is seen in its
fixtures, or said by a marker of the same name; `thorough` and `both_databases` are said by hand.
"""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

# Marker, and the fixtures that give it to each test that uses one of them. The dearest come first.
ASKS: Final = {
    "stack": {"site"},
    "training": {"training_pool", "sandboxed", "isolation"},
    "browser": {"browser"},
    "processes": {"redis_server", "house", "web"},
    "database": {"db", "transactional_db", "live_server", "shared_database", "site"},
}
LEVELS: Final = ("check", "gate", "all")
LEAST_EXAMPLES: Final = 10
LONGEST: Final = 300  # characters of an error


def pytest_addoption(parser: pytest.Parser) -> None:
    """What is run, and what is written about it."""
    parser.addoption("--level", choices=LEVELS, help="run the tests of a command, longest first")
    parser.addoption("--failed-to", type=Path, help="write what failed into this file")
    parser.addoption("--timings", type=Path, help="add a line of JSON for each test to this file")


@pytest.hookimpl(tryfirst=True)  # -m chooses by it
def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark a test with what it asks for."""
    used = set(getattr(item, "fixturenames", ()))
    for name, fixtures in ASKS.items():
        if used & fixtures:
            item.add_marker(name)
    if item.get_closest_marker("django_db"):
        item.add_marker("database")


def belongs(marks: set[str], level: str, database: str) -> bool:
    """Whether a test is run: on PostgreSQL only what asks a database, in the gate what differs there."""
    if level != "all" and "thorough" in marks:
        return False
    if database == "postgres":
        return {"database"} | ({"both_databases"} if level != "all" else set()) <= marks
    return level != "check" or not marks & set(ASKS)


def cost(marks: set[str]) -> int:
    """The place in the order: what takes long comes first, so that both cores end together."""
    return next((place for place, name in enumerate(ASKS) if name in marks), len(ASKS))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what belongs to the level."""
    level = config.getoption("level")
    if level is None:
        return
    marks = {item: {mark.name for mark in item.iter_markers()} for item in items}
    database = os.environ["TUNING_SITE_TESTS"]
    kept = [item for item in items if belongs(marks[item], level, database)]
    left = set(kept)
    config.hook.pytest_deselected(items=[item for item in items if item not in left])
    items[:] = sorted(kept, key=lambda item: cost(marks[item]))
    if level != "all":
        for function in {item.function for item in kept if isinstance(item, pytest.Function)}:
            try_fewer_examples(function)


def try_fewer_examples(function: Any) -> None:
    """A quarter of the examples of a property, but ten; its settings have no public place."""
    given = getattr(function, "_hypothesis_internal_use_settings", None)
    if given is not None:
        from hypothesis import settings

        few = min(given.max_examples, max(LEAST_EXAMPLES, given.max_examples // 4))
        function._hypothesis_internal_use_settings = settings(given, max_examples=few)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Note the test's time, and the processor time of this process and of children that ended."""
    path: Path | None = item.config.getoption("timings")
    before, cpu = time.monotonic(), os.times()
    result = yield
    if path is not None:
        now = os.times()
        line = {
            "id": item.nodeid,
            "wall": round(time.monotonic() - before, 3),
            "cpu": round(now.user + now.system - cpu.user - cpu.system, 3),
            "children": round(sum(now[2:4]) - sum(cpu[2:4]), 3),
            "marks": sorted({mark.name for mark in item.iter_markers()}),
        }
        with path.open("a", encoding="utf-8") as file:  # shared by the workers of xdist
            file.write(json.dumps(line) + "\n")
    return result


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Write what failed. A file that did not load, or a fixture that broke, is there too."""
    path: Path | None = config.getoption("failed_to")
    if path is not None:
        stats = terminalreporter.stats
        reports = [*stats.get("failed", []), *stats.get("error", [])]
        path.write_text("".join(f"{report.nodeid}\n  {error_of(report)}\n" for report in reports))


def error_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    """The first line of what went wrong; a long run's output may be cut before anybody reads it."""
    crash = getattr(report.longrepr, "reprcrash", None)
    words = report.longreprtext.strip().splitlines()[-1:] if crash is None else [crash.message]
    return " ".join("".join(words).split())[:LONGEST]
