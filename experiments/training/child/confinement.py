"""The training host's part of the sandbox: another user and limits.

Standard library only; it runs before anything else is imported. As a program,
`python -m experiments.training.child.confinement --uid … -- 0 ARGUMENTS`, it runs Python with these arguments.
"""

import argparse
import ctypes
import os
import resource
import shutil
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
LEAST_DATA = 1 << 30  # TensorFlow's own
TEMPORARY = ("/tmp", "/dev/shm")
_libc = ctypes.CDLL(None, use_errno=True)


def options() -> argparse.ArgumentParser:
    """Arguments of a sandboxed host."""
    parser = argparse.ArgumentParser()
    parser.add_argument("control", type=int)
    parser.add_argument("--die-with-parent", type=int, default=0)
    parser.add_argument("--uid", type=int, default=None)
    parser.add_argument("--memory", type=int, default=0)
    parser.add_argument("--file-bytes", type=int, default=0)
    parser.add_argument("--processes", type=int, default=0)
    parser.add_argument("--files", type=int, default=0)
    parser.add_argument("--folder", default="/tmp")
    parser.add_argument("arguments", nargs="*")
    return parser


def confine(settings: argparse.Namespace) -> None:
    """Become the sandbox's user for good and take its limits; children inherit both.

    No other process of that user may read this one, so a trial can't change later trials.
    """
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(settings.uid, settings.uid, settings.uid)
        os.setresuid(settings.uid, settings.uid, settings.uid)
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # another user: the kernel forgot it
    _libc.prctl(PR_SET_DUMPABLE, 0)
    data = max(settings.memory, LEAST_DATA)
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: settings.file_bytes,
        resource.RLIMIT_NPROC: settings.processes,
        resource.RLIMIT_NOFILE: settings.files,
        resource.RLIMIT_DATA: data,
    }
    for what, most in limits.items():
        resource.setrlimit(what, (most, most))
    os.nice(5)


def become_ordinary() -> None:
    """Let a child read itself again, as any process may."""
    _libc.prctl(PR_SET_DUMPABLE, 1)


def clear_up() -> None:
    """Between trials: end every process but this one, the namespace's first, and empty what is shared."""
    while True:
        try:
            os.kill(-1, signal.SIGKILL)
            os.waitpid(-1, 0)
        except (ProcessLookupError, ChildProcessError):
            break
    for folder in TEMPORARY:
        for path in Path(folder).iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def main() -> None:
    """Become the sandbox's user, then the program."""
    settings = options().parse_args()
    confine(settings)
    os.chdir(settings.folder)
    os.execv(sys.executable, [sys.executable, *settings.arguments])


if __name__ == "__main__":
    main()
