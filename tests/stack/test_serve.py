"""`manage.py serve`: starts, is refused, dies and comes back; nothing is lost and nothing left behind."""

import signal
import socket
import subprocess
from contextlib import suppress

import psutil
import pytest
from django.conf import settings

from tests.stack.site import Site, alive

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

READY = "Tuning Site is ready at"
TRIALS = 14  # twelve of the first search, a linear model and the default configuration
REFUSAL_SECONDS = 120.0  # far longer than any start, so that only a start without end fails

# The processes are the same over either database, and so is a start that ends before it asks one.
processes_alone = pytest.mark.needs(
    "first run", why="what it checks is the same on every database"
)
no_database_asked = pytest.mark.needs(
    "first run", why="the start ends before it asks the database"
)
own_database = pytest.mark.needs("first run", why="it names a database of its own")


def two_run(site: Site) -> None:
    site.wait("two trials run", lambda: site.running_trials() == 2, seconds=60)


def open_attempts(site: Site) -> int:
    return site.count("select count(*) from experiments_attempt where ended is null")


def released(site: Site) -> list[str]:
    """The states of the trials that were handed back."""
    rows = site.rows(
        "select state from experiments_trial where id in"
        " (select trial_id from experiments_attempt where outcome = 'released')"
    )
    return [state for (state,) in rows]


def all_complete(site: Site) -> None:
    site.wait("all trials complete", lambda: site.completed_trials() == TRIALS, seconds=150)
    site.wait(
        "the search and its baselines end",
        lambda: {*site.rows("select state from experiments_experiment")} == {("completed",)},
        seconds=15,
    )
    assert open_attempts(site) == 0


def test_f28_a_deployment_hands_its_trials_back_and_the_next_start_goes_on(site):
    site.start()
    assert f"{READY} http://localhost:{site.port}/" in site.said()
    assert site.get("/readyz") == 200
    assert (site.data_dir / "secret_key").stat().st_mode & 0o777 == 0o600
    two_run(site)
    below = site.below()
    site.signal(signal.SIGTERM, seconds=30)
    assert site.process is not None
    assert site.process.returncode == 0
    assert alive(below) == []
    assert site.running_trials() == 0
    assert open_attempts(site) == 0
    assert released(site) != []
    password = site.password()

    before = site.output.stat().st_size
    site.start(seconds=8)
    two_run(site)
    only_what_trains_loads_tensorflow(site)
    each_process_has_a_log_file(site)
    assert len(site.said(before).strip().splitlines()) < 30  # the terminal stays short
    f30_a_second_start_is_refused_and_the_first_is_unharmed(site)
    # That the whole search ends after a start is F5's and F12's.
    site.wait(
        "the released trials complete", lambda: {*released(site)} == {"completed"}, seconds=90
    )
    assert site.said().count(password) == 1
    below = site.below()
    site.signal(signal.SIGINT, seconds=10)
    assert alive(below) == []


def only_what_trains_loads_tensorflow(site: Site) -> None:
    own = [*site.named("gunicorn"), *site.named("trial_worker"), *site.named("housekeeping")]
    assert len(own) >= 5
    loaded = [p.cmdline() for p in own if holds_tensorflow(p)]
    assert loaded == []
    site.wait(  # the search would notice nothing else
        "a child trains", lambda: any(map(holds_tensorflow, site.below())), seconds=60
    )


def holds_tensorflow(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return any(
            "_pywrap_tensorflow" in m.path or "libtensorflow" in m.path
            for m in process.memory_maps()
        )
    return False


def each_process_has_a_log_file(site: Site) -> None:
    logs = {path.stem for path in (site.data_dir / "logs").glob("*.log")}
    own = {"redis", "serve", "web", "housekeeping", "short", "chief"}
    assert logs == {*own, "trials-1", "trials-2"}
    assert "\x1b[" not in (site.data_dir / "logs" / "trials-1.log").read_text()
    assert ": running (" in "".join(
        (site.data_dir / "logs" / f"trials-{slot}.log").read_text() for slot in (1, 2)
    )
    assert "Listening at" in (site.data_dir / "logs" / "web.log").read_text()


def f30_a_second_start_is_refused_and_the_first_is_unharmed(site: Site) -> None:
    seen = len(site.said())
    second = site.command("serve", PORT="0")
    assert second.wait(timeout=REFUSAL_SECONDS) == 1
    refusal = site.said(seen).strip().splitlines()
    assert refusal[-1].startswith("Tuning Site is already running on ")
    assert "Traceback" not in site.said()
    assert site.get("/readyz") == 200


@pytest.mark.thorough  # F28 starts again too; what a killed process leaves is tested below the site
def test_f5_a_killed_supervisor_takes_its_children_along_and_the_next_start_resumes(site):
    site.start()
    two_run(site)
    finished = site.completed_trials()
    below = site.below()
    site.signal(signal.SIGKILL, seconds=5)
    # No waiting here: the next start itself waits for what the crash left.
    site.start()
    assert alive(below) == []
    assert site.completed_trials() >= finished
    all_complete(site)


@pytest.mark.thorough  # tests/faults loses more than the server
def test_f12_redis_is_back_within_five_seconds_and_nothing_of_the_search_is_lost(site):
    site.start()
    two_run(site)
    (redis,) = site.named("valkey-server")
    redis.kill()
    site.wait(
        "Redis is another process",
        lambda: [p for p in site.named("valkey-server") if p.pid != redis.pid],
        seconds=5,
    )
    site.wait("pages answer again", lambda: site.get("/readyz") == 200, seconds=5)
    assert "redis was killed by signal 9 and restarts" in site.said()
    all_complete(site)


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(
            f"Tuning Site {settings.VERSION} starts",
            marks=[no_database_asked, pytest.mark.thorough],
        ),
        "Database …",
        pytest.param("Web server …", marks=[processes_alone, pytest.mark.thorough]),
    ],
)
def test_ctrl_c_while_it_starts_ends_it_without_a_traceback(site, moment):
    site.process = site.command("serve")
    site.wait("the step begins", lambda: moment in site.said(), seconds=30)
    below = site.below()
    site.signal(signal.SIGINT, seconds=10)
    assert alive(below) == []
    assert "Traceback" not in site.said()
    assert READY not in site.said()


@no_database_asked
def test_a_taken_port_is_one_line_with_the_mend(site):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", site.port))
        taken.listen()
        process = site.command("serve")
        assert process.wait(timeout=REFUSAL_SECONDS) == 1
    last = site.said().strip().splitlines()[-1]
    assert last.startswith(f"Port {site.port} is in use by another program.")


@own_database
def test_a_database_that_is_away_is_one_line_with_the_mend(site):
    site.environment["DATABASE_URL"] = "postgres://nobody@127.0.0.1:1/none"
    process = site.command("serve")
    assert process.wait(timeout=REFUSAL_SECONDS) == 1
    last = site.said().strip().splitlines()[-1]
    assert last.startswith("The database doesn't respond: ")
    assert last.endswith("Check DATABASE_URL and whether the server runs.")


@own_database
@pytest.mark.thorough  # it waits as long as the product does
def test_a_database_that_is_silent_is_one_line_with_the_mend(site):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        site.environment["DATABASE_URL"] = f"postgres://nobody@127.0.0.1:{port}/none"
        assert site.command("serve").wait(timeout=REFUSAL_SECONDS) == 1
    last = site.said().strip().splitlines()[-1]
    assert last.startswith("The database doesn't respond: ")


@no_database_asked
@pytest.mark.thorough  # likewise
def test_a_redis_that_does_not_answer_is_one_line_with_the_mend(site):
    site.environment["REDIS_URL"] = "redis://127.0.0.1:1/0"
    assert site.command("serve").wait(timeout=REFUSAL_SECONDS) == 1
    last = site.said().strip().splitlines()[-1]
    assert last.startswith("The Redis server of REDIS_URL doesn't respond.")


@own_database
def test_a_database_file_that_is_none_is_one_line_with_the_mend(site):
    site.data_dir.mkdir()
    (site.data_dir / "other.sqlite3").write_text("no database, " * 100)
    site.environment["DATABASE_URL"] = f"sqlite:///{site.data_dir / 'other.sqlite3'}"
    assert site.command("serve").wait(timeout=REFUSAL_SECONDS) == 1
    last = site.said().strip().splitlines()[-1]
    assert last.startswith(f"The database {site.data_dir / 'other.sqlite3'} can't be used: ")


@processes_alone
def test_a_web_server_that_can_not_start_is_one_line_with_its_reason(site):
    site.environment["GUNICORN_CMD_ARGS"] = "--no-such-option"
    assert site.command("serve").wait(timeout=REFUSAL_SECONDS) == 1
    last = site.said().strip().splitlines()[-1]
    assert last.startswith("The web server failed 3 times at its start: ")
    assert "unrecognized arguments: --no-such-option" in last
    assert site.password()  # the next start couldn't tell it again


@pytest.fixture
def small_disk(site):
    """The site's data folder on a disk of 20 MB."""
    site.data_dir.mkdir()
    options = ["-t", "tmpfs", "-o", "size=20m", "none", str(site.data_dir)]
    subprocess.run(["mount", *options], check=True)
    yield
    subprocess.run(["umount", str(site.data_dir)], check=True)


@no_database_asked
@pytest.mark.thorough  # test_data_folder refuses it too
@pytest.mark.needs("mount", why="a full disk is one that the test has mounted")
@pytest.mark.usefixtures("small_disk")
def test_a_disk_without_room_is_one_line_with_the_mend(site):
    assert site.command("serve").wait(timeout=REFUSAL_SECONDS) == 1
    assert "is full: " in site.said().strip().splitlines()[-1]
