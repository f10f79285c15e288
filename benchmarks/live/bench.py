"""Epoch to pixel: from the end of an epoch in its child to the point on the open page."""

import statistics
import tempfile
from typing import Any

from benchmarks.programs import run_program

TARGET_SECONDS = 2.0
FEWEST = 60


def measure(*, samples: int = 80, slots: int = 4) -> dict[str, Any]:
    """Return median and 95th percentile over at least `samples` epochs. Raises: CalledProcessError.

    missing: epochs that ended while the page was open and whose point was never drawn.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        side = run_program("benchmarks.live.side", name, str(samples), str(slots))
    waits = sorted(side["waits"])
    p95 = percentile(waits, 0.95)
    return {
        "slots": slots,
        "samples": len(waits),
        "missing": side["missing"],
        "p50": round(statistics.median(waits), 3),
        "p95": round(p95, 3),
        "slowest": round(waits[-1], 3),
        "target_p95": TARGET_SECONDS,
        "passed": len(waits) >= FEWEST and not side["missing"] and p95 <= TARGET_SECONDS,
    }


def percentile(ordered: list[float], share: float) -> float:
    """Return the smallest value that at least `share` of the values do not exceed."""
    place = -(-len(ordered) * share // 1)
    return ordered[max(0, int(place) - 1)]
