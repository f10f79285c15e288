"""Runs a program of the training side, which may import TensorFlow, with an order as JSON."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.services.code.sandbox_status import (
    code_refusal,
    confined,
    isolation_here,
    stray_output,
)
from experiments.training.environment import ROOT, child_environment
from experiments.training.sandbox import inside_environment


class ProgramFailed(Exception):
    """The program ended with an error; the message is the last line that it printed."""


def run_program(
    module: str, order: Mapping[str, Any], work: Path, *, seconds: int, is_code: bool = False
) -> None:
    """Run `python -m module ORDER.json` on the CPU, the order lying in `work`. Raises ProgramFailed.

    is_code: it loads a model of custom code, so it runs in the sandbox, where `work` and the paths
    that the order names are all that it sees.
    """
    path = work / "order.json"
    path.write_text(json.dumps(order), encoding="utf-8")
    arguments = ["-m", module, str(path)]
    try:
        done = run_python(
            arguments, work, seconds=seconds, is_code=is_code, shown=_paths(order, work)
        )
    except subprocess.TimeoutExpired as error:
        raise ProgramFailed(f"It took longer than {seconds} s.") from error
    if is_code and (stray := stray_output(work)):
        raise ProgramFailed(f"The code wrote “{stray}”, which isn't a regular file.")
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
        raise ProgramFailed(lines[-1])


def run_python(
    arguments: Sequence[str],
    work: Path,
    *,
    seconds: int,
    is_code: bool,
    shown: Sequence[Path] = (),
    cwd: Path = ROOT,
) -> subprocess.CompletedProcess[str]:
    """Run Python on the CPU; custom code in the sandbox, which shows `work` and `shown` alone.

    Raises: ProgramFailed where isolation is required but impossible; TimeoutExpired.
    """
    command, environment = [sys.executable, *arguments], child_environment()
    if is_code:
        isolation = isolation_here()
        if refusal := code_refusal(isolation):
            raise ProgramFailed(refusal)
        if isolation.is_whole:
            command = confined(isolation, arguments, work=work, shown=shown)
            environment, cwd = inside_environment(), Path("/")
    return subprocess.run(
        command,
        cwd=cwd,
        env=environment | {"CUDA_VISIBLE_DEVICES": ""},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def _paths(order: Mapping[str, Any], work: Path) -> list[Path]:
    """Files and folders outside of `work` that an order names."""
    named = [
        each
        for value in order.values()
        for each in (value if isinstance(value, list) else [value])
    ]
    paths = [Path(each) for each in named if isinstance(each, str) and each.startswith("/")]
    return [path for path in paths if path.exists() and not path.is_relative_to(work)]
