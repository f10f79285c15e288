"""The product's own processes for fault tests: Redis, workers and housekeeping, to be killed at will."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from redis import Redis

from experiments.models import Attempt, Experiment, Trial
from tests.pace import crowd
from tests.servers import RedisServer

ROOT = Path(__file__).resolve().parents[2]
LEASE_SECONDS = 3.0


@dataclass
class House:
    """Processes over one data folder, one database and one Redis."""

    data_dir: Path
    database_url: str
    redis: RedisServer
    folder: Path
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def start(self, name: str, command: str) -> "subprocess.Popen[bytes]":
        """Start `manage.py <command>`; its output goes to a file that failures show."""
        return self._start(name, [sys.executable, str(ROOT / "manage.py"), command])

    def serve(self, port: int) -> str:
        """Start the web server on this port; its address."""
        config = "python:experiments.stack.gunicorn_settings"
        bind = f"127.0.0.1:{port}"
        program = [sys.executable, "-m", "gunicorn", "tuning_site.wsgi", "--config", config]
        self._start("web", [*program, "--bind", bind])
        return f"http://{bind}"

    def _start(self, name: str, program: list[str]) -> "subprocess.Popen[bytes]":
        environment = {
            **os.environ,
            "DATA_DIR": str(self.data_dir),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis.url,
            "LEASE_SECONDS": str(LEASE_SECONDS),
            "SLOTS": "2",
            "WEB_WORKERS": "1",
        }
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                program,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.processes[name] = process
        return process

    def start_all(self, workers: int = 1) -> None:
        """Housekeeping and workers."""
        self.start("housekeeping", "housekeeping")
        for number in range(1, workers + 1):
            self.start(f"worker-{number}", "trial_worker")

    def kill(self, name: str) -> None:
        """SIGKILL."""
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def flush_redis(self) -> None:
        """Everything in Redis is gone."""
        with Redis.from_url(self.redis.url) as client:
            client.flushall()

    def logs(self) -> str:
        """The last lines of every process, for a failure's message."""
        parts = [
            f"--- {path.stem}\n" + "\n".join(path.read_text(errors="replace").splitlines()[-40:])
            for path in sorted(self.folder.glob("*.log"))
        ]
        return "\n".join(parts)

    def close(self) -> None:
        """End every process and what it started."""
        members = []
        for process in self.processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                members += psutil.Process(process.pid).children(recursive=True)
                process.kill()
                process.wait()
        for member in members:
            with suppress(psutil.NoSuchProcess):
                member.kill()

    def wait(self, what: str, is_so: Callable[[], object], *, seconds: float) -> float:
        """Wait until something is so; return how long it took, or fail with the logs.

        `seconds` are promised for an idle machine: a busy one may take as much longer as it is busy.
        """
        began = time.monotonic()
        while time.monotonic() - began < seconds * crowd():
            if is_so():
                return time.monotonic() - began
            if any(process.poll() is not None for process in self.processes.values()):
                break  # nothing that is waited for will come
            time.sleep(0.05)
        states = [
            (t.number, t.state, t.epochs, t.worker, [(a.outcome, a.message) for a in t.attempts.all()])
            for t in Trial.objects.all()
        ]  # fmt: skip
        experiments = list(Experiment.objects.values_list("state", "state_reason"))
        raise AssertionError(
            f"not within {seconds} s: {what}\n{experiments}\n{states}\n{self.logs()}"
        )


def running_attempt() -> Attempt | None:
    """An open attempt whose child has reported epochs."""
    for attempt in Attempt.objects.filter(ended=None, child_pid__isnull=False):
        trial = attempt.trial
        if trial.executions.filter(state="running", epochs__gt=0).exists():
            return attempt
    return None


def is_alive(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
