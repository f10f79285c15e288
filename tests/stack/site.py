"""The whole product as `manage.py serve` runs it, in a folder of its own, to be killed at will."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import environ
import psutil
import psycopg2

from experiments.stack.addresses import free_port
from tests.pace import crowd

ROOT = Path(__file__).resolve().parents[2]
LEASE_SECONDS = 3.0


class Site:
    """One data folder, one database, one port; started and ended as often as a test likes."""

    def __init__(self, folder: Path, database_url: str) -> None:
        """Nothing is started yet. `database_url`: empty for SQLite in the data folder."""
        self.data_dir = folder / "data"
        self.port = free_port()
        self.output = folder / "output.log"
        self.database_url = database_url
        self.process: subprocess.Popen[bytes] | None = None
        self.environment = {
            **{k: v for k, v in os.environ.items() if k not in ("SECRET_KEY", "REDIS_URL")},
            "DATA_DIR": str(self.data_dir),
            "DATABASE_URL": database_url or f"sqlite:///{self.data_dir / 'db.sqlite3'}",
            "PORT": str(self.port),
            "SLOTS": "2",
            "LEASE_SECONDS": str(LEASE_SECONDS),
        }

    def command(self, *arguments: str, **variables: str) -> "subprocess.Popen[bytes]":
        """Start `manage.py …` with the site's environment and more; its output goes to the log."""
        with self.output.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), *arguments],
                cwd=ROOT,
                env={**self.environment, **variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def start(self, *, seconds: float = 60.0) -> None:
        """Serve until the address is printed."""
        seen = self.output.stat().st_size if self.output.exists() else 0
        self.process = self.command("serve")
        self.wait("it is ready", lambda: "ready at" in self.said(seen), seconds=seconds)

    def said(self, start: int = 0) -> str:
        """What was printed."""
        if not self.output.exists():
            return ""
        return self.output.read_bytes()[start:].decode("utf-8", "replace")

    def get(self, path: str) -> int:
        """The status of a page, without following its redirects far; 0 while nobody answers."""
        url = f"http://127.0.0.1:{self.port}{path}"
        try:
            with urllib.request.urlopen(url, timeout=10 * crowd()) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def password(self) -> str:
        """Of the first administrator."""
        found = re.search(r"with the password (\S+)", self.said())
        assert found
        return found[1]

    def below(self) -> list[psutil.Process]:
        """Every process under the start command."""
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)

    def named(self, word: str) -> list[psutil.Process]:
        """Processes whose command line holds the word."""
        running = alive(self.below())
        return [p for p in running if any(word in part for part in words_of(p))]

    def signal(self, number: signal.Signals, *, seconds: float) -> None:
        """Send a signal to the start command and wait for its end, as `wait` does."""
        assert self.process is not None
        self.process.send_signal(number)
        try:
            self.process.wait(timeout=seconds * crowd())
        except subprocess.TimeoutExpired:
            raise AssertionError(f"not within {seconds} s: its end\n{self.said()}") from None

    def rows(self, sql: str) -> list[Sequence[Any]]:
        """Ask the site's database from outside."""
        options = environ.Env.db_url_config(self.environment["DATABASE_URL"])
        if self.database_url:
            connection: Any = psycopg2.connect(
                dbname=options["NAME"],
                host=options["HOST"],
                user=options["USER"],
                password=options["PASSWORD"],
                port=options["PORT"] or None,
            )
        else:
            import sqlite3

            connection = sqlite3.connect(options["NAME"], timeout=20)
        try:
            cursor = connection.cursor()
            cursor.execute(sql)
            return list(cursor.fetchall())
        finally:
            connection.close()

    def count(self, sql: str) -> int:
        """The one number that the query gives."""
        return int(self.rows(sql)[0][0])

    def running_trials(self) -> int:
        """Trials that workers hold."""
        return self.count("select count(*) from experiments_trial where state = 'running'")

    def completed_trials(self) -> int:
        """Trials with a settled score."""
        return self.count("select count(*) from experiments_trial where state = 'completed'")

    def wait(self, what: str, is_so: Callable[[], object], *, seconds: float) -> None:
        """Wait until something is so, or fail with the output.

        `seconds` are promised for an idle machine: a busy one may take as much longer as it is busy.
        """
        began = time.monotonic()
        while not is_so():
            ended = self.process is not None and self.process.poll() is not None
            if time.monotonic() - began > seconds * crowd() or ended:
                raise AssertionError(f"not within {seconds} s: {what}\n{self.said()}")
            time.sleep(0.05)

    def close(self) -> None:
        """End whatever is left."""
        if self.process is not None and self.process.poll() is None:
            left = self.below()
            self.process.kill()
            self.process.wait()
            for process in alive(left):
                with suppress(psutil.NoSuchProcess):
                    process.kill()


def words_of(process: psutil.Process) -> list[str]:
    """Its command line; nothing once it has ended."""
    with suppress(psutil.NoSuchProcess):
        return process.cmdline()
    return []


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run."""
    return [p for p in processes if _is_alive(p)]


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # between the two questions
        return False


def new_postgres_database(name: str) -> str:
    """An empty database on the server of this run; its address for DATABASE_URL."""
    given = os.environ["DATABASE_URL"]
    options = environ.Env.db_url_config(given)
    connection = psycopg2.connect(
        dbname=options["NAME"],
        host=options["HOST"],
        user=options["USER"],
        password=options["PASSWORD"],
        port=options["PORT"] or None,
    )
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}"')
    connection.close()
    return f"{given.rsplit('/', 1)[0]}/{name}"
