"""First and last steps of every forked child: log, OOM score, fast exit.

No TensorFlow.
"""

import faulthandler
import os
import sys
from pathlib import Path
from typing import NoReturn, TextIO

OOM_SCORE = "500"  # the kernel takes a child before it takes the worker or the web server


def flush() -> None:
    """Write out what was printed, an unfinished line too."""
    sys.stdout.flush()
    sys.stderr.flush()


def leave() -> NoReturn:
    """End the process at once; what was printed is written out."""
    flush()
    os._exit(0)


def take_log(log: int) -> None:
    """Make everything that this process prints go to its log, a crash's last words too."""
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    # New ones: those of the host were opened on a file, and a pipe can't seek.
    sys.stdout = _line_writer(1)
    sys.stderr = _line_writer(2)
    faulthandler.enable()


def _line_writer(descriptor: int) -> TextIO:
    return open(descriptor, "w", buffering=1, errors="backslashreplace", closefd=False)


def volunteer_for_oom() -> None:
    """Raise this process's score for the kernel's out-of-memory killer."""
    try:
        Path("/proc/self/oom_score_adj").write_text(OOM_SCORE)
    except OSError as error:  # a container may forbid it; the trial can run all the same
        print(f"oom_score_adj is unchanged: {error}", file=sys.stderr)  # noqa: T201
