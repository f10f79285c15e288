"""Two unmodified scripts through this product's chief and through KerasTuner's own, and a chief that is killed."""

import tempfile
from typing import Any

from benchmarks.programs import run_program

TARGET_RATIO = 1.1


def measure(*, trials: int = 20) -> dict[str, Any]:
    """Return seconds of both searches and their ratio, and what a killed chief lost. Raises: CalledProcessError."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        side = run_program("benchmarks.chief.side", name, str(trials))
    ratio = round(side["ours"] / side["keras_tuner"], 3)
    return {
        "trials": trials,
        "scripts": 2,
        "seconds_ours": side["ours"],
        "seconds_keras_tuner": side["keras_tuner"],
        "ratio_seconds": ratio,
        "target_ratio": TARGET_RATIO,
        "killed_at": side["killed_at"],
        "scripts_that_ended": side["scripts_that_ended"],
        "trials_lost": side["trials_lost"],
        "passed": ratio <= TARGET_RATIO and side["trials_lost"] == 0,
    }
