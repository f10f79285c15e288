"""The pages at 1,000 and 10,000 trials, in Chromium: seconds, CPU, bytes, heap, long tasks.

On a shared machine the seconds are those of its other work too; CPU seconds hardly are.
"""

import shutil
import tempfile
from collections.abc import Iterator
from typing import Any

from benchmarks.programs import run_program

SERVER_SECONDS = 0.2  # of one address, at any number of trials
LONG_TASK_MS = 200.0
EPOCH_BYTES = 1000
EPOCH_REDRAW_MS = 50.0
ROW_BYTES = 30_000  # of the leaderboard's own address
ALL_BYTES = 400_000  # of every trial as columns
SCRIPT_BYTES = 150_000
FILES = ("trials.csv", "trials.parquet?of=all")  # streamed: all trials, not a page


def measure(trials: tuple[int, ...], *, postgres: str = "") -> dict[str, Any]:
    """Fill, look on, judge. postgres: the address of an empty database that is looked at as well."""
    figures: dict[str, Any] = {"sqlite": _look(trials, "")}
    if postgres:
        figures["postgres"] = _look(trials, postgres)
    missed = [words for side in figures.values() for words in misses(side)]
    return {**figures, "missed": missed, "passed": not missed}


def _look(trials: tuple[int, ...], database: str) -> dict[str, Any]:
    folder = tempfile.mkdtemp(prefix="bench-")
    try:
        numbers = ",".join(str(number) for number in trials)
        return run_program("benchmarks.pages_side", folder, numbers, database)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def misses(side: dict[str, Any]) -> list[str]:
    """Which absolute targets one side of the measurement does not reach, in words."""
    return [f"{words} at {trials}" for trials, seen in side.items() for words in _missed(seen)]


def _missed(seen: dict[str, Any]) -> Iterator[str]:
    for address, asked in seen["server"].items():
        if asked["cpu_ms"] > 1000 * SERVER_SECONDS and address not in FILES:
            yield f"{address or 'the experiment'}: {asked['cpu_ms']} ms of server time"
    for page, figures in seen["pages"].items():
        if figures["longest_task_ms"] > LONG_TASK_MS:
            yield f"{page}: a task of {figures['longest_task_ms']:.0f} ms"
    limits = [
        ("bytes of an epoch", seen["epoch"]["bytes"], EPOCH_BYTES),
        ("ms to draw an epoch", seen["epoch"]["redraw_ms"], EPOCH_REDRAW_MS),
        ("bytes of the leaderboard", seen["server"]["trials/"]["bytes"], ROW_BYTES),
        ("bytes of all trials", seen["server"]["history.json"]["bytes"], ALL_BYTES),
        ("bytes of script and style", seen["pages"]["leaderboard"]["script_bytes"], SCRIPT_BYTES),
    ]
    yield from (f"{value:.0f} {words}" for words, value, most in limits if value > most)
