"""Sides of a bench that are programs of their own: run one, read the JSON of its lines; servers, CPU."""

import json
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import psutil

FOLDER = Path(__file__).resolve().parent.parent


def run_program(module: str, *arguments: str) -> dict[str, Any]:
    """Run a module as a program and read its last line. Raises: CalledProcessError; its output says why."""
    figures: dict[str, Any] = json.loads(output_lines(module, *arguments)[-1])
    return figures


def output_lines(module: str, *arguments: str) -> list[str]:
    """Run a module as a program. Raises: CalledProcessError when it fails; its output says why."""
    command = [sys.executable, "-m", module, *arguments]
    finished = subprocess.run(command, cwd=FOLDER, stdout=subprocess.PIPE, text=True, check=True)
    return finished.stdout.strip().splitlines()


def run_worker_side(trials: int) -> dict[str, Any]:
    """Run tiny trials in a worker's loop of their own, in a folder that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        return run_program("benchmarks.throughput.worker_side", name, str(trials))


def wait_for_page(address: str) -> None:
    """Wait until a server answers, three minutes at most. Raises: SystemExit."""
    for _ in range(1800):
        try:
            urllib.request.urlopen(address, timeout=2)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{address} gave no page.")


def cpu_seconds(*roots: psutil.Process) -> float:
    """User and system time of the processes and of all that they started, also of those that ended."""
    total = 0.0
    for root in roots:
        for process in [root, *root.children(recursive=True)]:
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system + times.children_user + times.children_system
    return total
