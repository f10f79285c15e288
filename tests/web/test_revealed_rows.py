"""Rows that were revealed before are told wherever somebody decides, and to the project alone."""

import pytest
from django.urls import reverse

from experiments.models import Project, Role
from tests.revealed import revealed, searched

pytestmark = pytest.mark.usefixtures("queues")
LOCKED = "60 of 60 locked test rows have been revealed (by owner on "


@pytest.fixture
def first(project, owner):
    search = searched(project, owner)
    revealed(search, owner)
    return search


def page_of(client, name, search):
    return client.get(reverse(f"experiments:{name}", args=[search.code])).content.decode()


@pytest.mark.parametrize("person", ["owner", "viewer"])
def test_members_read_it_on_protocol_and_winner_of_a_clone(
    client, project, owner, first, request, person
):
    clone = searched(project, owner, "Clone", first.dataset_version, seed=3)
    client.force_login(request.getfixturevalue(person))
    for name in ("protocol", "winner"):
        html = page_of(client, name, clone)
        assert LOCKED in html
        assert "for “Digits”)." in html
    assert ("Counts as reveal 2 of these rows" in html) == (person == "owner")
    revealed(clone, owner)
    html = page_of(client, "winner", clone)
    assert "Reveal 2 of these rows" in html
    assert "First reveal" not in html
    assert "60 of 60 of its rows had been revealed before (by owner on " in html
    assert "it is reveal 2 of its rows" in html


def test_a_first_reveal_is_called_so(client, owner, first):
    client.force_login(owner)
    html = page_of(client, "winner", first)
    assert "First reveal" in html
    assert "had been revealed before" not in html


def test_strangers_see_neither_the_page_nor_other_projects_reveals(client, stranger, owner, first):
    client.force_login(stranger)
    for name in ("protocol", "winner"):
        assert client.get(reverse(f"experiments:{name}", args=[first.code])).status_code == 404
    theirs = Project.objects.create(slug="theirs", name="Theirs")
    theirs.memberships.create(user=stranger, role=Role.OWNER)
    same = searched(theirs, stranger, "Same rows", first.dataset_version)
    for name in ("protocol", "winner"):
        html = page_of(client, name, same)
        assert "revealed (by" not in html
        assert "Digits" not in html.replace("Tiny digits", "")


@pytest.mark.parametrize(
    ("person", "status"), [("owner", 200), ("editor", 200), ("viewer", 403), ("stranger", 404)]
)
def test_the_form_says_it_while_somebody_types(client, project, first, request, person, status):
    client.force_login(request.getfixturevalue(person))
    typed = {
        "dataset_version": first.dataset_version_id,
        "model": "image-mlp",
        "name": "Next",
        "locked_percent": "10",
    }
    answer = client.post(reverse("experiments:preview", args=[project.slug]), typed)
    assert answer.status_code == status
    if status == 200:
        html = answer.json()["html"]
        assert "30 of 30 locked test rows have been revealed (by owner on " in html
        assert "30 of 270 training and validation rows were in a test set" in html


def test_of_the_locked_rows_only_the_whole_datasets_shares_are_shown(client, owner, first):
    client.force_login(owner)
    html = page_of(client, "protocol", first)
    assert '<th scope="col" class="num">Whole dataset</th>' in html
    assert '<th scope="col" class="num">Test</th>' not in html
