"""`make demo`: from an empty site to a model that predicts, through the web forms."""

import subprocess
import sys

import pytest

from tests.stack.site import ROOT

pytestmark = [
    pytest.mark.stack,
    pytest.mark.training,
    pytest.mark.timeout(900),
    pytest.mark.thorough,  # MNIST; each of its steps has a test of its own
]


@pytest.mark.needs("sqlite", why="the demo's site is always one of its own, on SQLite")
def test_the_demo_searches_and_predicts_with_nobody_watching():
    finished = subprocess.run(
        [sys.executable, "manage.py", "demo"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "val_accuracy" in finished.stdout
    assert "in a Python without Django" in finished.stdout
