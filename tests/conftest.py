"""Fixtures of every test: a data folder of its own, the people, and real servers."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, Page, expect, sync_playwright

from experiments.stack import bundle
from tests.servers import CHROMIUM_FLAGS, RedisServer, chromium_path

# The same examples in each run, and none fails for the time that it took. New ones are looked for with
# `pytest --hypothesis-profile=default`.
hypothesis_settings.register_profile(
    "unhurried", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("unhurried")

PATIENCE_MS = 60_000  # a busy machine draws late, and still must draw


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite in a file, as the product has it: tables of one in memory lock out the live server's threads."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "db.sqlite3")
        # As PostgreSQL's fsync=off: what a power cut loses is no loss here.
        database["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, settings) -> Path:
    """The folder that this test writes into."""
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    return settings.DATA_DIR


@pytest.fixture(scope="module")
def module_rows(
    django_db_setup: None, django_db_blocker
) -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """For fixtures of a module: what they store inside stands in each of its tests, and goes with the last.

    Such tests run in transactions inside this one: none of the module may be a transactional test.
    """
    from django.db import transaction

    around = transaction.atomic()
    around._from_testcase = True  # as Django's own: a durable block may be inside
    with django_db_blocker.unblock():
        around.__enter__()
    yield django_db_blocker.unblock
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


def make_project():
    """A project with a person in each role, named as the role is."""
    from django.contrib.auth import get_user_model

    from experiments.models import Membership, Project, Role

    project = Project.objects.create(slug="vision-team", name="Vision team")
    for role in Role:
        user = get_user_model().objects.create_user(role.value, password="pw")
        Membership.objects.create(project=project, user=user, role=role)
    return project


@pytest.fixture
def owner(django_user_model, project):
    return project.memberships.get(role="owner").user


@pytest.fixture
def project(db):
    return make_project()


@pytest.fixture
def editor(project):
    return project.memberships.get(role="editor").user


@pytest.fixture
def viewer(project):
    return project.memberships.get(role="viewer").user


@pytest.fixture
def stranger(django_user_model, db):
    return django_user_model.objects.create_user("stranger", password="pw")


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """The embedded Redis as the product starts it; one for each process of the run."""
    server = RedisServer.in_new_folder().start()
    yield server
    server.stop()


@pytest.fixture
def queues(redis_server: RedisServer, settings) -> RedisServer:
    """An emptied Redis behind both queues: enqueueing is real."""
    from redis import Redis

    with Redis.from_url(redis_server.url) as client:
        client.flushall()
    settings.REDIS_URL = redis_server.url
    settings.RQ_QUEUES = {
        name: {**options, "URL": redis_server.url} for name, options in settings.RQ_QUEUES.items()
    }
    return redis_server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium: Debian's, else Playwright's own."""
    bundle.ensure()  # of what stands in static/ now
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=chromium_path(), headless=True, args=CHROMIUM_FLAGS
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A new tab; the test fails when the page logs an error or breaks its security policy."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE_MS)
    tab = context.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    yield tab
    context.close()
    assert errors == []
