"""The pages at 1,000 and 10,000 trials, in Chromium: seconds, CPU, bytes, heap, long tasks.

On a shared machine the seconds are those of its other work too; CPU seconds hardly are.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

from benchmarks.pages.ratios import beside, too_near
from benchmarks.pages.targets import Scope
from benchmarks.programs import run_program

SERVER_SECONDS = 0.2  # of one address, at any number of trials
LONG_TASK_MS = 200.0
EPOCH_BYTES = 1000
EPOCH_REDRAW_MS = 50.0
ROW_BYTES = 30_000  # of the leaderboard's own address
ALL_BYTES = 400_000  # of every trial as columns
SCRIPT_BYTES = 150_000
REQUESTS = 8
HEAP_MB = 10.0
FILES = ("trials.csv", "trials.parquet?of=all")  # streamed: all trials, not a page


def measure(scope: Scope, *, postgres: str = "") -> dict[str, Any]:
    """Fill, look on, judge. postgres: the address of an empty database that is looked at as well."""
    beside_peer = _look(scope)
    figures: dict[str, Any] = {"sqlite": beside_peer["ours"]}
    if postgres:
        figures["postgres"] = _look(replace(scope, database=postgres, peer=""))["ours"]
    missed = [words for side in figures.values() for words in misses(side)]
    if scope.peer:
        figures |= beside(figures["sqlite"], beside_peer["peer"])
        missed += too_near(figures["ratios"])
    figures["load"] = [round(each, 1) for each in os.getloadavg()]
    return {**figures, "missed": missed, "passed": not missed}


def _look(scope: Scope) -> dict[str, Any]:
    folder = tempfile.mkdtemp(prefix="bench-")
    try:
        return run_program("benchmarks.pages.side", folder, json.dumps(asdict(scope)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def misses(side: dict[str, Any]) -> list[str]:
    """Which absolute targets one side of the measurement does not reach, in words."""
    return [f"{words} at {trials}" for trials, seen in side.items() for words in _missed(seen)]


def _missed(seen: dict[str, Any]) -> Iterator[str]:
    for address, cost in seen.get("server", {}).items():
        if cost["cpu_ms"] > 1000 * SERVER_SECONDS and address not in FILES:
            yield f"{address or 'the experiment'}: {cost['cpu_ms']} ms of server time"
    for page, figures in seen["pages"].items():
        if not figures["is_drawn"]:
            yield f"{page}: nothing drawn"
        elif figures["longest_task_ms"] > LONG_TASK_MS:
            yield f"{page}: a task of {figures['longest_task_ms']:.0f} ms"
    yield from (f"{value:.0f} {words}" for words, most, value in _limits(seen) if value > most)


def _limits(seen: dict[str, Any]) -> Iterator[tuple[str, float, float]]:
    """What was measured of what has a limit: words, the limit, the value."""
    if epoch := seen.get("epoch"):
        yield "bytes of an epoch", EPOCH_BYTES, epoch["bytes"]
        yield "ms to draw an epoch", EPOCH_REDRAW_MS, epoch["redraw_ms"]
    if server := seen.get("server"):
        yield "bytes of the leaderboard", ROW_BYTES, server["trials/"]["bytes"]
        yield "bytes of all trials", ALL_BYTES, server["history.json"]["bytes"]
    if (leaderboard := seen["pages"].get("leaderboard")) and leaderboard["is_drawn"]:
        yield "bytes of script and style", SCRIPT_BYTES, leaderboard["script_bytes"]
        yield "requests of the leaderboard", REQUESTS, leaderboard["requests"]
        yield "MB of the leaderboard's heap", HEAP_MB, leaderboard["heap_mb"]
