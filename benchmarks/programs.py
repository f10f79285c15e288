"""Sides of a bench that are programs of their own: run one, read the JSON of its last line."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent


def run_program(module: str, *arguments: str) -> dict[str, Any]:
    """Run a module as a program. Raises: CalledProcessError when it fails; its output says why."""
    finished = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=FOLDER,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    figures: dict[str, Any] = json.loads(finished.stdout.strip().splitlines()[-1])
    return figures


def run_worker_side(trials: int) -> dict[str, Any]:
    """Run tiny trials in a worker's loop of their own, in a folder that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        return run_program("benchmarks.throughput.worker_side", name, str(trials))
