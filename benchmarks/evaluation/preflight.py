"""What *Check first* says before a search: whether set-ups that can't work are named, and whether its range of time is true."""

import json
import math
import tempfile
from typing import Any, Final

import numpy as np

from benchmarks.programs import output_lines

LEAST_NAMED: Final = 11 / 12
LEAST_INSIDE: Final = 0.8
MOST_WIDTH: Final = 4.0  # the upper bound over the lower one


def preflight() -> dict[str, Any]:
    """Check bad and healthy set-ups; then check every example and run it; in installations of their own.

    Raises: subprocess.CalledProcessError when one does not end; its own output says why.
    """
    found = setups(_lines_of("benchmarks.evaluation.setups_side", "setup"))
    times = judged(_lines_of("benchmarks.evaluation.preflight_side", "check_seconds"))
    return {**found, **times, "met": found["met"] and times["met"]}


def _lines_of(module: str, key: str) -> list[dict[str, Any]]:
    """The lines of JSON that a program prints, without its processes' log."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        output = output_lines(module, folder)
    lines = [json.loads(line) for line in output if line.startswith("{")]
    return [line for line in lines if key in line]


def setups(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Count the bad set-ups that are named and those that pass, and the healthy ones that are warned of."""
    bad = [line for line in lines if line["expected"]]
    healthy = [line for line in lines if not line["expected"]]
    named = [line for line in bad if any(line["expected"] in words for words in line["said"])]
    passed = [line["setup"] for line in bad if line["state"] == "passed"]
    warned = [line["setup"] for line in healthy if line["said"] or line["state"] != "passed"]
    return {
        "bad": len(bad),
        "named": len(named),
        "bad_passed": passed,
        "healthy": len(healthy),
        "healthy_warned": warned,
        "setups": {line["setup"]: line["said"] for line in bad},
        "met": len(named) >= LEAST_NAMED * len(bad) and not passed and not warned,
    }


def judged(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Count the runs whose real total lies in the range that their check predicted."""
    lines = [
        {
            "name": run["name"],
            "range": run["range"],
            "seconds": run["seconds"],
            "inside": _is_inside(run),
            "check_seconds": run["check_seconds"],
            "others_share": [run["others_share_at_check"], run["others_share"]],
        }
        for run in runs
    ]
    inside = sum(line["inside"] for line in lines)
    ranges = [run["range"] for run in runs if run["range"]]
    width = float(np.median([high / low for low, high in ranges])) if ranges else math.inf
    return {
        "preflight_inside": inside,
        "preflight_runs": len(runs),
        "median_width": round(width, 2),
        "longest_check": max(run["check_seconds"] for run in runs),
        "runs": lines,
        "met": inside >= LEAST_INSIDE * len(runs) and width <= MOST_WIDTH,
    }


def _is_inside(run: dict[str, Any]) -> bool:
    """Whether the total lies in the predicted range; False without a range."""
    if run["range"] is None:
        return False
    low, high = run["range"]
    return bool(low <= run["seconds"] <= high)
