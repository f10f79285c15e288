"""Folds share a trace although each has its own constants, but for what the trace can't read anew."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.training.environment import child_environment
from tests.training.data import write_several, write_table

PROGRAM = Path(__file__).with_name("trace_program.py")
ROOT = PROGRAM.parents[2]
SHARED = ("table-mlp", "wide-deep", "linear", "residual-mlp")

pytestmark = pytest.mark.training


def test_folds_of_a_table_share_one_trace_and_weighed_losses_ask_for_their_own(tmp_path):
    table, several = tmp_path / "table", tmp_path / "several"
    write_table(table, parts=2)
    write_several(several, parts=2)
    pairs = [word for slug in SHARED for word in (slug, str(table))]
    done = subprocess.run(
        [sys.executable, "-m", "tests.training.trace_program", *pairs, "multi-task", str(several)],
        cwd=ROOT,
        env=child_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    # The heads of several targets weigh their losses by the spread of the fold's own targets.
    assert json.loads(done.stdout) == dict.fromkeys(SHARED, True) | {"multi-task": False}
