"""A database that other processes see too, and the product's processes over it."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import environ
import psycopg2
import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connections
from django.db.utils import ConnectionHandler, load_backend

from tests.faults.house import House
from tests.servers import RedisServer


def connection_to(url: str):
    """A connection of its own to that database, for one thread."""
    options = environ.Env.db_url_config(url)
    if options["ENGINE"].endswith("sqlite3"):
        options["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON;",
        }
    completed = ConnectionHandler({"default": options}).settings["default"]
    return load_backend(completed["ENGINE"]).DatabaseWrapper(completed, "default")


def _on_the_server(*statements: str) -> None:
    base = django_settings.DATABASES["default"]
    connection = psycopg2.connect(
        dbname="postgres", host=base["HOST"], user=base["USER"], password=base["PASSWORD"]
    )
    connection.autocommit = True
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.close()


def new_postgres_database(name: str, *, like: str = "template1") -> str:
    """A copy of the database `like`, which nobody may be connected to; its URL."""
    _on_the_server(
        f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)',
        f'CREATE DATABASE "{name}" TEMPLATE "{like}"',
    )
    return os.environ["DATABASE_URL"].rsplit("/", 1)[0] + "/" + name


@contextmanager
def in_use(url: str) -> Iterator[None]:
    """Django's default connection goes there for a while."""
    before = connections["default"]
    connections["default"] = connection_to(url)
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = before


@pytest.fixture(scope="session")
def migrated(django_db_blocker, tmp_path_factory) -> str:
    """Migrated once, never written to again, to be copied: a SQLite file or a database's name."""
    if os.environ["TUNING_SITE_TESTS"] == "postgres":
        name = f"migrated_{os.getpid()}"
        url = new_postgres_database(name)
    else:
        name = str(tmp_path_factory.mktemp("migrated") / "db.sqlite3")
        url = f"sqlite:///{name}"
    with django_db_blocker.unblock(), in_use(url):
        call_command("migrate", verbosity=0)
    return name


@pytest.fixture
def shared_database(migrated: str, django_db_blocker, data_dir: Path) -> Iterator[str]:
    """An empty, migrated database outside of this process's test database; its URL."""
    if os.environ["TUNING_SITE_TESTS"] == "postgres":
        url = new_postgres_database(f"faults_{os.getpid()}", like=migrated)
    else:
        url = f"sqlite:///{shutil.copy(migrated, data_dir)}"
    with django_db_blocker.unblock(), in_use(url):
        yield url


@pytest.fixture
def house(shared_database: str, data_dir: Path, settings) -> Iterator[House]:
    """The product without its web server; nothing is started yet but Redis."""
    redis = RedisServer.in_new_folder().start()
    settings.REDIS_URL = redis.url
    settings.RQ_QUEUES = {
        name: {**options, "URL": redis.url} for name, options in settings.RQ_QUEUES.items()
    }
    house = House(data_dir, shared_database, redis, Path(tempfile.mkdtemp(prefix="tuning-house-")))
    yield house
    house.close()
    redis.stop()


@pytest.fixture
def project(shared_database: str):
    from experiments.models import Project

    return Project.objects.create(slug="faults", name="Faults")
