"""An installation of this product for one bench, in a folder that is thrown away.

The product's own modules are imported by these functions only: DATA_DIR is read with the settings.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.programs import FOLDER

if TYPE_CHECKING:
    from experiments.models import Experiment
    from experiments.stack.addresses import Address
    from experiments.stack.processes import Program
    from experiments.stack.supervisor import Supervisor

LONGEST_SECONDS = 3600.0


class SearchCutOff(RuntimeError):
    """A search that was ended from outside, so that its time says nothing."""


def set_up(data_dir: Path, *, slots: int = 1, database: str = "", **more: str) -> None:
    """Make an empty installation in this folder the one that this process works on.

    database: an address instead of a SQLite file. more: further environment variables.
    """
    data_dir.mkdir(parents=True)
    os.environ |= {
        "DATA_DIR": str(data_dir),
        "SECRET_KEY": "bench",
        "DJANGO_SETTINGS_MODULE": "tuning_site.settings",
        "SLOTS": str(slots),
        "REDIS_URL": f"unix://{data_dir / 'redis.sock'}",
        **more,
    }
    os.environ.pop("DATABASE_URL", None)
    if database:
        os.environ["DATABASE_URL"] = database
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


@contextmanager
def running_stack(
    data_dir: Path,
    slots: int,
    *,
    address: "Address | None" = None,
    changed: "Callable[[Program], Program]" = lambda program: program,
) -> "Iterator[Supervisor]":
    """The product's own processes, from here to the end of the block; `set_up` came before.

    address: of the web server; None: any. changed: each program as the bench runs it.
    """
    from experiments.stack import addresses, redis_server, serving
    from experiments.stack.processes import Program
    from experiments.stack.supervisor import Supervisor

    plan = serving.Plan(
        folder=FOLDER,
        data_dir=data_dir,
        address=address or addresses.Address("127.0.0.1", addresses.free_port()),
        host_header="localhost",
        redis_url="",
        slots=slots,
        sqlite=True,
        log_format="json",
    )
    supervisor = Supervisor(folder=FOLDER)
    supervisor.install()
    redis = redis_server.prepare(data_dir)
    try:
        supervisor.start(Program("redis", redis.command, stop_last=True))
        redis_server.wait_until_answers(redis.url)
        for program in serving.programs(plan, redis.url):
            supervisor.start(changed(program))
        yield supervisor
    finally:
        supervisor.stop()


def run_to_end(
    supervisor: "Supervisor", experiment: "Experiment", start: Callable[..., object] | None = None
) -> None:
    """Start an experiment and look after the stack until it ends.

    start: the service that starts it; None: the search alone, without baselines. Raises: SearchCutOff.
    """
    from experiments.models import Experiment
    from experiments.services.experiments.lifecycle import start_experiment

    (start or start_experiment)(experiment, by=None)
    active = Experiment.objects.filter(pk=experiment.pk, state__in=Experiment.ACTIVE)
    if not supervisor.wait(lambda: not active.exists(), timeout_seconds=LONGEST_SECONDS):
        raise SearchCutOff(f"{experiment.name} did not finish.")
