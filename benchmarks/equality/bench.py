"""Whether fused epochs give the numbers of Keras's own `fit`."""

from typing import Any

from benchmarks.programs import run_program

TARGET = 1e-5


def measure() -> dict[str, Any]:
    """Return the largest difference of any metric at any epoch, for each case and over all."""
    cases = run_program("benchmarks.equality.side")["cases"]
    largest = max(case["difference"] for case in cases.values())
    return {
        "cases": cases,
        "max_difference": largest,
        "target": TARGET,
        "passed": largest <= TARGET,
    }
