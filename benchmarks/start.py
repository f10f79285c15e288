"""How long a claimed trial waits for its child's first line, with a warm host."""

import statistics
from typing import Any

from benchmarks.programs import run_worker_side

TARGET_MS = 60.0


def measure(*, trials: int = 30) -> dict[str, Any]:
    """Return the median and the slowest of `trials` starts. Raises: CalledProcessError."""
    milliseconds = run_worker_side(trials)["start_ms"]
    median = statistics.median(milliseconds)
    return {
        "trials": len(milliseconds),
        "median_ms": round(median, 1),
        "slowest_ms": round(max(milliseconds), 1),
        "target_ms": TARGET_MS,
        "passed": median <= TARGET_MS,
    }
