"""Whether searches take as long as their check said: the repository's own examples, checked and then run."""

import json
import math
import tempfile
from typing import Any, Final

import numpy as np

from benchmarks.programs import output_lines

LEAST_INSIDE: Final = 0.8
MOST_WIDTH: Final = 4.0  # the upper bound over the lower one


def preflight() -> dict[str, Any]:
    """Run every example, one after another, in an installation of its own.

    Raises: subprocess.CalledProcessError when an example does not end; its own output says why.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        output = output_lines("benchmarks.evaluation.preflight_side", folder)
    lines = [json.loads(line) for line in output if line.startswith("{")]
    return judged([line for line in lines if "check_seconds" in line])  # not a process's log


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
