"""Stack: the one start command: prepare, start every process, say the address, look after them."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from experiments.stack import addresses, first_run, redis_server
from experiments.stack.addresses import Address
from experiments.stack.data_folder import prepare_data_folder
from experiments.stack.lock import lock_data_folder
from experiments.stack.processes import Program
from experiments.stack.progress import say, step
from experiments.stack.refusal import StartRefused
from experiments.stack.supervisor import Supervisor

READY_SECONDS = 60.0


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


def serve(plan: Plan) -> None:
    """Run until a signal. Raises StartRefused."""
    say("Tuning Site starts.")
    prepare_data_folder(plan.data_dir, sqlite=plan.sqlite)
    lock = lock_data_folder(plan.data_dir)
    addresses.check_free(plan.address)
    supervisor = Supervisor(folder=plan.folder, inherited=[lock.descriptor])
    supervisor.install()
    try:
        _bring_up(plan, supervisor)
        supervisor.run()
    finally:
        supervisor.stop()
    say("Tuning Site has ended; running experiments go on at the next start.")


def _bring_up(plan: Plan, supervisor: Supervisor) -> None:
    redis_url = _start_redis(plan, supervisor)
    password = first_run.prepare(plan.data_dir)
    web, *others = programs(plan, redis_url)
    with step("Web server"):
        supervisor.start(web)
        _wait_until_ready(plan, supervisor)
    # After the first page: workers load TensorFlow and would make a person wait for it.
    for program in others:
        supervisor.start(program)
    say(f"  Workers … {plan.slots} for trials, 1 for short jobs, 1 for housekeeping")
    if password:
        say(f"\n  Sign in as admin with the password {password}\n  It is shown only this once.")
    if not supervisor.stopping:
        say(f"\n  Tuning Site is ready at {plan.address.url}   (Ctrl-C ends it)\n")


def _start_redis(plan: Plan, supervisor: Supervisor) -> str:
    if plan.redis_url:
        return plan.redis_url
    with step("Redis") as outcome:
        embedded = redis_server.prepare(plan.data_dir)
        supervisor.start(Program("redis", embedded.command, stop_last=True))
        answered = supervisor.wait(_answering(embedded.url), timeout_seconds=30)
        if not answered and not supervisor.stopping:
            raise StartRefused(
                f"The embedded Redis doesn't answer; {embedded.folder / 'redis.log'} says why. "
                f"{embedded.folder} holds nothing but the queue: it may be moved away."
            )
        outcome.append("embedded")
    return embedded.url


def _answering(url: str) -> Callable[[], bool]:
    return lambda: redis_server.answers(url)


def programs(plan: Plan, redis_url: str) -> Iterator[Program]:
    """The processes of one machine beside Redis, the web server first."""
    environment = {
        "DATA_DIR": str(plan.data_dir),
        "REDIS_URL": redis_url,
        "PYTHONUNBUFFERED": "1",
    }
    manage = [sys.executable, str(plan.folder / "manage.py")]
    gunicorn = [sys.executable, "-m", "gunicorn", "tuning_site.wsgi", "--bind", plan.address.bind]
    settings = ["--config", "python:experiments.stack.gunicorn_settings"]
    yield Program("web", [*gunicorn, *settings], environment)
    yield Program("housekeeping", [*manage, "housekeeping"], environment)
    yield Program("short", [*manage, "short_worker"], environment)
    for slot in range(1, plan.slots + 1):
        yield Program(f"trials-{slot}", [*manage, "trial_worker"], environment)


def _wait_until_ready(plan: Plan, supervisor: Supervisor) -> None:
    missing = "it did not start"

    def ready() -> bool:
        nonlocal missing
        missing = addresses.readiness(plan.address, host_header=plan.host_header)
        return not missing

    if not supervisor.wait(ready, timeout_seconds=READY_SECONDS) and not supervisor.stopping:
        raise StartRefused(f"The web server gave no page in {READY_SECONDS:.0f} s: {missing}")
