"""Who may open what: every address of the product, each with every kind of person.

An address that is missing from the table fails; so does a table row whose address is gone.
"""

import copy
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, get_resolver, reverse

from experiments.data_schema import Column, DataSchema
from experiments.models import (
    Dataset,
    DatasetVersion,
    Draft,
    Finding,
    Membership,
    Preflight,
    Project,
    Role,
)
from experiments.reports.written.page import kinds_for
from experiments.reports.written.snapshot import freeze
from experiments.services.experiments.reports import make_report
from experiments.services.external.tokens import create_token
from tests.conftest import make_project
from tests.examples import make_experiment
from tests.outside import asked, make_outside
from tests.web.doors import DOORS, Door

CANARY = "canary-7f3a"
NOWHERE = "00000000-0000-4000-8000-000000000000"
SCHEMA = DataSchema(
    kind="table",
    task="regression",
    shape=(1, 0),
    target="price",
    columns=(Column("size", "number"),),
    rows=100,
)
PAGES = sorted(name for name, door in DOORS.items() if door.least != "token")
RANKS = ("stranger", "viewer", "editor", "owner")


@dataclass(frozen=True)
class World:
    """A project with one of everything."""

    project: Project
    ids: dict[str, Any]

    def address(self, name: str, door: Door) -> str:
        return reverse(name, args=[self.ids[each] for each in door.takes])


def make_world(project: Project, by: Any, word: str = "mine") -> World:
    dataset = Dataset.objects.create(project=project, slug=f"{word}-set", name=f"{word} set")
    version = DatasetVersion.objects.create(
        dataset=dataset,
        number=1,
        state="ready",
        digest="9" * 64,
        task="regression",
        rows=100,
        schema=SCHEMA.to_dict(),
    )
    experiment = make_experiment(project, name=f"{word} search", trials=3, failing=True, by=by)
    experiment.plan = {"model": "image-mlp", "dataset_version": experiment.dataset_version_id}
    experiment.notes = f"{word} notes"
    experiment.tags = [f"{word}-tag"]
    experiment.save()
    Draft.objects.create(project=project, user=by, body={"name": f"{word} draft"})
    preflight = Preflight.objects.create(
        project=project,
        user=by,
        token=uuid.uuid4(),
        plan={"name": f"{word} plan", "dataset_version": 0, "space": {"constraints": []}},
    )
    view = experiment.saved_views.create(name=f"{word} view", query="sort=units", owner=by)
    finding = Finding.objects.create(
        experiment=experiment,
        kind="lucky",
        subject="0",
        statement=f"{word} finding",
        action={"act": "confirm", "label": "Confirm it", "change": {"trials": [0]}},
    )
    frozen = freeze(experiment)
    report = make_report(experiment, frozen, kinds_for(experiment, frozen.facts), by=by)
    code = project.hypermodels.create(name=f"{word} code", kind="code", slug="code")
    code.versions.create(number=1, source="def build(hp):\n    return None\n", digest="8" * 64)
    editor = Membership.objects.get(
        project=project, role=Role.EDITOR if word == "mine" else Role.VIEWER
    )
    token = create_token(project, f"{word} token", by=editor.user).record
    asked(outside := make_outside(project, by=by))
    ids = {
        "outside": outside.code,
        "slug": project.slug,
        "code": experiment.code,
        "model": code.pk,
        "fetch": project.code_fetches.create(name=f"{word} fetched", address="https://x").pk,
        "number": 0,
        "dataset": dataset.pk,
        "version": version.number,
        "index": 0,
        "key": "digits",
        "queued": 1,
        "view": view.pk,
        "kind": "csv",
        "check": preflight.code,
        "finding": finding.pk,
        "membership": Membership.objects.get(project=project, role=Role.VIEWER).pk,
        "report": report.code,
        "snapshot": frozen.pk,
        "part": "history",
        "trial": "0" * 32,
        "access": token.pk,
    }
    return World(project, ids)


@pytest.fixture(scope="module")
def one_world(module_rows) -> World:
    """Made once: each test finds it whole, whatever the one before did to it."""
    with module_rows():
        project = make_project()
        return make_world(project, project.memberships.get(role="owner").user)


@pytest.fixture
def world(one_world, db, queues) -> World:
    return copy.deepcopy(one_world)


@pytest.fixture
def project(world) -> Project:
    return world.project


def every_name(resolver: Any = None, space: str = "") -> Iterator[str]:
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLPattern):
            yield f"{space}{each.name}"
        elif each.namespace not in ("admin", "django_rq"):
            yield from every_name(each, f"{space}{each.namespace}:" if each.namespace else space)


def may(door: Door, person: str) -> bool:
    if door.least == "everybody":
        return True
    if person == "anonymous":
        return False
    return door.least == "signed_in" or RANKS.index(person) >= RANKS.index(door.least)


WRITES = re.compile(r'(INSERT|UPDATE|DELETE)\b.*?"(experiments_\w+)"', re.DOTALL)


@contextmanager
def nothing_is_written() -> Iterator[None]:
    """Fail where a request asks the database to change a record of the product."""
    found: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if written := WRITES.match(sql):
            found.append(" ".join(written.groups()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield
    assert found == []


def test_a_write_is_seen(project):
    with pytest.raises(AssertionError, match="UPDATE experiments_project"), nothing_is_written():
        Project.objects.update(name="Another")
    with pytest.raises(AssertionError, match="INSERT experiments_draft"), nothing_is_written():
        Draft.objects.create(project=project, user=project.memberships.first().user)
    with pytest.raises(AssertionError, match="DELETE experiments_finding"), nothing_is_written():
        Finding.objects.all().delete()


def test_every_address_has_a_row():
    assert set(every_name()) == set(DOORS)


@pytest.mark.parametrize("name", PAGES)
def test_an_address_opens_for_those_who_may_and_for_nobody_else(
    name, world, stranger, viewer, editor, owner
):
    door = DOORS[name]
    address = world.address(name, door)
    people = {"anonymous": None} | {
        each.username: each for each in (stranger, viewer, editor, owner)
    }
    for person, user in people.items():
        client = Client()
        if user is not None:
            client.force_login(user)
        refused = not may(door, person)
        with transaction.atomic(), nothing_is_written() if refused else nullcontext():
            response = getattr(client, door.method)(address, door.body)
            transaction.set_rollback(True)
        if not refused:
            assert response.status_code in door.ok, f"{person}: {response.status_code}"
            assert "/sign-in/" not in response.get("Location", "") or name == "sign-out"
        elif user is None:
            assert response.status_code == 302
            assert response["Location"].startswith("/sign-in/?next="), response["Location"]
        else:
            assert response.status_code == (404 if person == "stranger" else 403), person


@pytest.mark.parametrize("name", [n for n in PAGES if DOORS[n].method == "post"])
def test_what_writes_needs_a_token_and_a_post(name, world, owner):
    door = DOORS[name]
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    address = world.address(name, door)
    assert client.post(address, door.body).status_code == 403
    assert client.get(address).status_code == 405


@pytest.mark.parametrize("name", [n for n in PAGES if DOORS[n].takes])
def test_a_stranger_learns_nothing_from_a_refusal(name, world, stranger):
    """The answer for somebody else's record is the answer for a record that isn't there."""
    door = DOORS[name]
    client = Client()
    client.force_login(stranger)
    theirs = getattr(client, door.method)(world.address(name, door), door.body)
    absent = World(
        world.project,
        world.ids | {"slug": "no-such", "code": NOWHERE, "report": NOWHERE},
    )
    nothing = getattr(client, door.method)(absent.address(name, door), door.body)
    assert (theirs.status_code, nothing.status_code) == (404, 404)
    # Each page carries a token of its own in the form that signs people out.
    told = [re.sub(rb'value="\w{64}"', b"", answer.content) for answer in (theirs, nothing)]
    assert told[0] == told[1]


LISTS = (
    "home",
    "search",
    "workers:list",
    "projects:list",
    "projects:detail",
    "projects:members",
    "history:list",
    "datasets:list",
    "models:list",
    "reports:list",
    "experiments:list",
    "experiments:new",
)


def test_no_list_names_anything_of_another_project(world, owner, django_user_model):
    other = Project.objects.create(slug=f"{CANARY}-project", name=f"{CANARY} project")
    person = django_user_model.objects.create_user(f"{CANARY}-person")
    Membership.objects.create(project=other, user=person, role=Role.VIEWER)
    make_world(other, person, CANARY)
    client = Client()
    client.force_login(owner)
    for name in LISTS:
        address = world.address(name, DOORS[name])
        for query in ({}, {"q": "search"}):
            text = client.get(address, query).content.decode()
            assert CANARY not in text, name


@pytest.mark.parametrize("name", LISTS)
def test_a_list_asks_as_many_questions_at_13_rows_as_at_3(name, world, project, owner):
    client = Client()
    client.force_login(owner)
    address = world.address(name, DOORS[name])

    def questions() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert (
                client.get(address, {"q": "search"} if name == "search" else {}).status_code == 200
            )
        return len(asked)

    def grow(count: int, start: int) -> None:
        for number in range(start, start + count):
            state = "running" if number % 2 else "completed"
            make_experiment(
                project,
                name=f"search {number}",
                trials=3,
                running=number % 2,
                state=state,
                by=owner,
            )
            other = Project.objects.create(slug=f"p{number}", name=f"P {number}")
            Membership.objects.create(project=other, user=owner, role=Role.OWNER)
            Dataset.objects.create(project=project, slug=f"d{number}", name=f"search {number}")

    grow(2, 0)
    questions()  # fills caches such as content types
    few = questions()
    grow(10, 2)
    assert questions() == few


def test_an_inactive_person_is_signed_out(world, viewer):
    client = Client()
    client.force_login(viewer)
    viewer.is_active = False
    viewer.save()
    assert client.get("/").status_code == 302


def test_a_removed_member_sees_nothing_from_then_on(world, viewer):
    client = Client()
    client.force_login(viewer)
    address = world.address("experiments:detail", DOORS["experiments:detail"])
    assert client.get(address).status_code == 200
    Membership.objects.filter(user=viewer).delete()
    assert client.get(address).status_code == 404
