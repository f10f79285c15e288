"""optuna-dashboard's side of the page bench: the same trials in an Optuna storage, served to the same Chromium.

Imports Playwright and psutil, nothing of the house. PYTHON is one that has optuna-dashboard.
"""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket

import psutil

from benchmarks.pages.turns import Served
from benchmarks.programs import FOLDER, wait_for_page

TEN = ",".join(str(number) for number in range(10))
PLOT = "document.querySelector('#{}')?.data?.length"
# page -> address after /dashboard, and an expression that is true once it shows what it is for
PAGES = {
    "list": ("", "document.querySelector('.MuiCardActionArea-root, a[href*=\"/studies/1\"]')"),
    "leaderboard": (
        "/studies/1/smartSelection",
        "document.querySelectorAll('table tbody tr').length > 20",
    ),
    "history": ("/studies/1", PLOT.format("plot-history")),
    "parallel": ("/studies/1/smartSelection", PLOT.format("plot-parallel-coordinate")),
    "compare 10": (
        f"/studies/1/trials?numbers={TEN}",
        "document.querySelectorAll('.MuiCard-root').length >= 10",
    ),
    "trial": ("/studies/1/trials?numbers=17", "document.querySelector('.MuiCard-root')"),
}


def fill(python: Path, file: Path, trials: int) -> None:
    """The bench's trials in a storage of that name. Raises: SystemExit when PYTHON has no optuna-dashboard."""
    if not (python.parent / "optuna-dashboard").exists():
        raise SystemExit(
            f"{python} has no optuna-dashboard: install requirements-peers.txt there."
        )
    module = [str(python), "-m", "benchmarks.pages.peer_optuna_fill"]
    subprocess.run([*module, str(file), str(trials)], cwd=FOLDER, check=True, stderr=sys.stderr)


@contextmanager
def serve(python: Path, file: Path) -> Iterator[Served]:
    """Their server on a free port. Raises: SystemExit when it gives no page."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(python.parent / "optuna-dashboard"), f"sqlite:///{file}"]
    server = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    base = f"http://127.0.0.1:{port}/dashboard"
    try:
        wait_for_page(base)
        pages = {page: (base + address, drawn) for page, (address, drawn) in PAGES.items()}
        yield Served(psutil.Process(server.pid), pages)
    finally:
        server.kill()
        server.wait(timeout=30)


def add_epoch(file: Path) -> None:
    """One epoch more of the running trial, as its script would have stored it."""
    with sqlite3.connect(file, timeout=30) as store:
        store.execute(
            "INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value, intermediate_value_type)"
            " SELECT trial_id, MAX(step) + 1, 0.9, 'FINITE' FROM trial_intermediate_values WHERE trial_id ="
            " (SELECT trial_id FROM trials WHERE state = 'RUNNING') GROUP BY trial_id"
        )
