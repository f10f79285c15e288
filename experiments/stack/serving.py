"""The start command: prepares and runs all processes."""

import io
import logging.config
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from experiments.stack import addresses, first_run, redis_server
from experiments.stack.addresses import Address
from experiments.stack.data_folder import prepare_data_folder
from experiments.stack.lock import lock_data_folder
from experiments.stack.process_logs import Logbook
from experiments.stack.processes import Program, Supervised
from experiments.stack.progress import StartRefused, say, step
from experiments.stack.supervisor import Supervisor
from tuning_site.logs import logging_settings

READY_SECONDS = 60.0
OWN_REDIS_SECONDS = 15.0
WEB_STARTS = 3  # a web server that ended so often at its start will do so again


@dataclass(frozen=True, slots=True)
class Plan:
    """What to start."""

    folder: Path  # of manage.py
    data_dir: Path
    address: Address
    host_header: str
    redis_url: str  # empty: embedded
    slots: int
    sqlite: bool
    log_format: str  # empty: a file for each process, and the gist on the terminal
    chief: Address | None = None  # where KerasTuner scripts are answered; None: nowhere


def serve(plan: Plan) -> None:
    """Run until a signal. Raises StartRefused."""
    # A shell that starts this in the background lets it ignore Ctrl-C's signal.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    say(f"Tuning Site {settings.VERSION} starts.")
    prepare_data_folder(plan.data_dir, sqlite=plan.sqlite)
    lock = lock_data_folder(plan.data_dir)
    addresses.check_free(plan.address)
    logbook = None if plan.log_format else _open_logbook(plan.data_dir / "logs")
    supervisor = Supervisor(folder=plan.folder, inherited=[lock.descriptor], logbook=logbook)
    supervisor.install()
    try:
        with supervisor.preparing():
            _bring_up(plan, supervisor, logbook)
        supervisor.run()
    except KeyboardInterrupt:
        say("\n  Interrupted: all processes have ended.")
    finally:
        supervisor.stop()
    say("Tuning Site has ended; running experiments continue at the next start.")


def _open_logbook(folder: Path) -> Logbook:
    """One file for each process, and one for what this process itself has to say."""
    logbook = Logbook(folder)
    logging.config.dictConfig(logging_settings(level="INFO", style="plain"))
    file = io.TextIOWrapper(logbook.open("serve"), encoding="utf-8", write_through=True)
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(file)
    say(f"  Logs … {folder}")
    return logbook


def _bring_up(plan: Plan, supervisor: Supervisor, logbook: Logbook | None) -> None:
    redis_url = _start_redis(plan, supervisor, logbook)
    first_run.prepare(plan.data_dir)
    web, *others = programs(plan, redis_url)
    with step("Web server"):
        _wait_until_ready(plan, supervisor, supervisor.start(web), logbook)
    # After the first page: workers load TensorFlow and would make a person wait for it.
    for program in others:
        supervisor.start(program)
    say(f"  Workers … {plan.slots} for trials, 1 for background jobs, 1 for housekeeping")
    _start_chief(plan, supervisor)
    say(f"\n  Tuning Site is ready at {plan.address.url}   (Ctrl-C stops it)\n")


def _start_chief(plan: Plan, supervisor: Supervisor) -> None:
    """Everything else works without it: a port that is taken does not stop the start."""
    if plan.chief is None:
        return
    with step("KerasTuner scripts") as outcome:
        try:
            addresses.check_free(plan.chief)
        except addresses.AddressTaken:
            outcome.append(f"off: port {plan.chief.port} is in use, set CHIEF_PORT")
            return
        supervisor.start(Program("chief", _manage(plan, "chief"), _environment(plan)))
        outcome.append(f"served at {plan.chief.bind}")


def _place(logbook: Logbook | None, name: str) -> str:
    return str(logbook.path(name)) if logbook else "the output above"


def _start_redis(plan: Plan, supervisor: Supervisor, logbook: Logbook | None) -> str:
    if plan.redis_url:
        with step("Redis") as outcome:
            if not supervisor.wait(_answering(plan.redis_url), timeout_seconds=OWN_REDIS_SECONDS):
                raise StartRefused(
                    "The Redis server of REDIS_URL doesn't respond. Start it, or "
                    "unset REDIS_URL to use the embedded one."
                )
            outcome.append("yours")
        return plan.redis_url
    with step("Redis") as outcome:
        embedded = redis_server.prepare(plan.data_dir)
        supervisor.start(Program("redis", embedded.command, stop_last=True))
        answered = supervisor.wait(_answering(embedded.url), timeout_seconds=30)
        if not answered:
            raise StartRefused(
                f"The embedded Redis doesn't respond; see {_place(logbook, 'redis')}. "
                f"{embedded.folder} contains only the queue and may be moved away."
            )
        outcome.append("embedded")
    return embedded.url


def _answering(url: str) -> Callable[[], bool]:
    return lambda: redis_server.answers(url)


def programs(plan: Plan, redis_url: str) -> Iterator[Program]:
    """The processes of one machine beside Redis, the web server first."""
    environment = _environment(plan) | {"REDIS_URL": redis_url}
    gunicorn = [sys.executable, "-m", "gunicorn", "tuning_site.wsgi", "--bind", plan.address.bind]
    settings = ["--config", "python:experiments.stack.gunicorn_settings"]
    yield Program("web", [*gunicorn, *settings], environment)
    yield Program("housekeeping", _manage(plan, "housekeeping"), environment)
    yield Program("short", _manage(plan, "short_worker"), environment)
    for slot in range(1, plan.slots + 1):
        yield Program(f"trials-{slot}", _manage(plan, "trial_worker"), environment)


def _manage(plan: Plan, command: str) -> list[str]:
    return [sys.executable, str(plan.folder / "manage.py"), command]


def _environment(plan: Plan) -> dict[str, str]:
    return {
        "DATA_DIR": str(plan.data_dir),
        "PYTHONUNBUFFERED": "1",
        "LOG_FORMAT": plan.log_format or "plain",
    }


def _wait_until_ready(
    plan: Plan, supervisor: Supervisor, web: Supervised, logbook: Logbook | None
) -> None:
    missing = "it did not start"

    def ready() -> bool:
        nonlocal missing
        if web.restarts >= WEB_STARTS:
            why = (
                f"{logbook.last_line('web')}  ({logbook.path('web')})" if logbook else "see above"
            )
            raise StartRefused(f"The web server failed {WEB_STARTS} times at its start: {why}")
        missing = addresses.readiness(plan.address, host_header=plan.host_header)
        return not missing

    if not supervisor.wait(ready, timeout_seconds=READY_SECONDS):
        raise StartRefused(
            f"The web server returned no page within {READY_SECONDS:.0f} s: {missing}. "
            f"See {_place(logbook, 'web')}."
        )
