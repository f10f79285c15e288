"""Runs a program of the training side, which may import TensorFlow, with an order as JSON. Room: services."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.training.environment import ROOT, child_environment


class ProgramFailed(Exception):
    """The program ended with an error; the message is the last line that it printed."""


def run_program(module: str, order: Mapping[str, Any], work: Path, *, seconds: int) -> None:
    """Run `python -m module ORDER.json` on the CPU, the order lying in `work`. Raises ProgramFailed."""
    path = work / "order.json"
    path.write_text(json.dumps(order), encoding="utf-8")
    try:
        done = subprocess.run(
            [sys.executable, "-m", module, str(path)],
            cwd=ROOT,
            env=child_environment() | {"CUDA_VISIBLE_DEVICES": ""},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ProgramFailed(f"It took more than {seconds} seconds.") from error
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
        raise ProgramFailed(lines[-1])
