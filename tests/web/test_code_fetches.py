"""Code out of a repository: who may ask, what is shown before it counts, what a version says of its origin."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from experiments.ingest.repository import GitNotRun, NotGiven, fetched
from experiments.jobs import fetch_code
from experiments.models import CodeFetch, HyperModelVersion
from experiments.queues import queue
from tests.repositories import commit, git, make_repository

NET = "import keras\nfrom parts import WIDTH\n\n\ndef build(hp):\n    return keras.Sequential()\n"


@pytest.fixture
def author(editor):
    editor.user_permissions.add(Permission.objects.get(codename="add_code"))
    return editor


@pytest.fixture
def repository(tmp_path, settings):
    settings.CODE_REPOSITORIES = (f"file://{tmp_path}/",)
    return make_repository(tmp_path / "nets", {"net.py": NET, "parts.py": "WIDTH = 8\n"})


@pytest.fixture
def asks(project, author, client, queues, repository):
    """Asks for a file and has it fetched; the record."""
    client.force_login(author)

    def ask(**changes):
        told = {
            "name": "Net",
            "address": f"file://{repository}",
            "revision": "main",
            "path": "net.py",
        }
        answer = client.post(reverse("code:fetch", args=[project.slug]), {**told, **changes})
        assert answer.status_code == 302, answer.content.decode()
        asked = CodeFetch.objects.first()
        assert answer.url == reverse("code:fetched", args=[project.slug, asked.pk])
        fetch_code(asked.pk)
        asked.refresh_from_db()
        return asked

    return ask


def page(client, project, asked):
    return client.get(reverse("code:fetched", args=[project.slug, asked.pk])).content.decode()


def test_it_is_off_until_an_administrator_lists_a_place(project, author, client):
    client.force_login(author)
    answer = client.get(reverse("code:fetch", args=[project.slug]))
    assert answer.status_code == 403
    assert b"From a repository" not in client.get(f"/projects/{project.slug}/code/").content


def test_only_people_who_may_add_code_fetch_it(project, owner, client, repository, queues):
    client.force_login(owner)
    address = reverse("code:fetch", args=[project.slug])
    assert client.get(address).status_code == 403
    assert (
        client.post(address, {"name": "x", "address": f"file://{repository}"}).status_code == 403
    )
    assert not CodeFetch.objects.exists()


def test_the_job_fetches_not_the_request(
    project, author, client, queues, repository, django_capture_on_commit_callbacks
):
    client.force_login(author)
    told = {"name": "Net", "address": f"file://{repository}"}
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("code:fetch", args=[project.slug]), told)
    asked = CodeFetch.objects.get()
    job = queue("short")
    assert asked.state == "waiting" and len(job) == 1


def test_a_file_is_seen_and_then_kept_with_its_commit(project, client, asks, repository):
    asked = asks()
    head = git(repository, "rev-parse", "HEAD")
    assert (asked.state, asked.commit, asked.files) == ("fetched", head, ["parts.py"])
    shown = page(client, project, asked)
    assert head in shown and "WIDTH = 8" in shown and "Save as version 1" in shown
    assert not HyperModelVersion.objects.exists()
    kept = client.post(reverse("code:keep", args=[project.slug, asked.pk]))
    version = HyperModelVersion.objects.get()
    assert kept.url.endswith("?version=1")
    assert version.origin["commit"] == head and version.origin["files"] == ["parts.py"]
    assert version.note == f"net.py at {head[:12]}"
    detail = client.get(kept.url).content.decode()
    assert head in detail and "Fetch again" in detail


def test_fetching_again_shows_what_changed_before_it_counts(project, client, asks, repository):
    client.post(reverse("code:keep", args=[project.slug, asks().pk]))
    assert "No changes since version 1" in page(client, project, asks())
    commit(repository, {"parts.py": "WIDTH = 16\n"})
    asked = asks()
    shown = page(client, project, asked)
    assert ">-WIDTH = 8" in shown and ">+WIDTH = 16" in shown and "Save as version 2" in shown
    assert HyperModelVersion.objects.count() == 1
    client.post(reverse("code:keep", args=[project.slug, asked.pk]))
    assert HyperModelVersion.objects.first().number == 2


def test_a_text_that_an_older_version_holds_says_which(project, client, asks, repository):
    client.post(reverse("code:keep", args=[project.slug, asks().pk]))
    commit(repository, {"parts.py": "WIDTH = 16\n"})
    client.post(reverse("code:keep", args=[project.slug, asks().pk]))
    commit(repository, {"parts.py": "WIDTH = 8\n"})
    shown = page(client, project, asks())
    assert ">Version 1</a> has the same text" in shown and "Save as version" not in shown
    first = HyperModelVersion.objects.get(number=1)
    address = reverse("code:detail", args=[project.slug, first.hypermodel_id])
    assert f'href="{address}?version=1"' in shown
    assert "Changes since version 2" in shown


def hidden(text):
    """What the only form of a page's part would post of its hidden fields."""
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text)
    return {name: value for name, value in fields if name != "csrfmiddlewaretoken"}


def test_a_branch_that_moves_while_a_file_is_chosen_gives_the_commit_that_was_listed(
    project, client, asks, repository
):
    listed = asks(path="")
    posted = hidden(page(client, project, listed).split('class="code-fetch"')[1])
    assert posted["commit"] == listed.commit == git(repository, "rev-parse", "HEAD")
    moved = commit(repository, {"parts.py": "WIDTH = 99\n"})
    asked = asks(**posted, path="net.py")
    assert (asked.state, asked.problem, asked.commit) == ("fetched", "", listed.commit)
    assert "WIDTH = 8" in asked.source and asked.revision == "main"
    client.post(reverse("code:keep", args=[project.slug, asked.pk]))
    version = HyperModelVersion.objects.get()
    assert (version.origin["revision"], version.origin["commit"]) == ("main", listed.commit)
    again = reverse("code:detail", args=[project.slug, version.hypermodel_id])
    assert "commit" not in hidden(client.get(again).content.decode())
    assert asks().commit == moved


def test_a_server_that_gives_no_commit_by_its_digits_is_asked_for_the_branch(
    asks, repository, monkeypatch
):
    def by_branch(address, revision, limits):
        if revision != "main":
            raise NotGiven("Enter a branch.")
        return fetched(address, revision, limits)

    monkeypatch.setattr("experiments.services.code.fetches.fetched", by_branch)
    listed = asks(path="")
    assert asks(path="net.py", commit=listed.commit).state == "fetched"
    commit(repository, {"parts.py": "WIDTH = 99\n"})
    asked = asks(path="net.py", commit=listed.commit)
    assert asked.state == "failed" and "Enter a branch." in asked.problem


def test_a_commit_that_is_none_is_refused(project, author, client, repository):
    client.force_login(author)
    told = {"name": "Net", "address": f"file://{repository}", "commit": "--upload-pack=x"}
    answer = client.post(reverse("code:fetch", args=[project.slug]), told)
    assert answer.status_code == 422 and not CodeFetch.objects.exists()
    assert "Choose the file again" in answer.content.decode()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(28, "No space left on device"), "See the log of the background worker"),
        (RuntimeError("odd"), "See the log of the background worker"),
        (GitNotRun("git could not be started on this machine."), "git could not be started"),
    ],
)
def test_an_error_that_nobody_thought_of_ends_the_waiting_too(
    project, author, client, queues, repository, monkeypatch, error, words
):
    def fail(*_):
        raise error

    client.force_login(author)
    monkeypatch.setattr("experiments.services.code.fetches.fetched", fail)
    told = {"name": "Net", "address": f"file://{repository}"}
    client.post(reverse("code:fetch", args=[project.slug]), told)
    asked = CodeFetch.objects.get()
    with pytest.raises(type(error)):
        fetch_code(asked.pk)
    asked.refresh_from_db()
    assert asked.state == "failed" and words in asked.problem
    assert "Try again" in page(client, project, asked)


def test_without_a_path_the_file_is_chosen_from_a_list(project, client, asks):
    asked = asks(path="")
    assert (asked.state, asked.choices) == ("choosing", ["net.py", "parts.py"])
    assert "<option>net.py</option>" in page(client, project, asked)
    kept = client.post(reverse("code:keep", args=[project.slug, asked.pk]), follow=True)
    assert "There is nothing to store" in kept.content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"revision": "none"}, "no such branch or tag"),
        ({"path": "none.py"}, "no file none.py"),
        ({"path": "broken.py"}, "broken.py: Line 1"),
    ],
)
def test_what_can_not_be_fetched_is_said(project, client, asks, repository, change, words):
    commit(repository, {"broken.py": "def (\n"})
    asked = asks(**change)
    assert asked.state == "failed" and words in asked.problem
    assert asked.problem in page(client, project, asked)


def test_a_bad_question_stays_in_the_form_and_shows_no_password(
    project, author, client, repository
):
    client.force_login(author)
    told = {
        "name": "Net",
        "address": "https://me:hunter2@github.com/x",
        "revision": "-x",
        "path": "../x",
    }
    answer = client.post(reverse("code:fetch", args=[project.slug]), told)
    text = answer.content.decode()
    assert answer.status_code == 422 and not CodeFetch.objects.exists()
    assert "Remove the user" in text and "Enter a branch" in text and "Enter the path" in text
    assert 'value="Net"' in text and 'value="../x"' in text


def test_a_place_that_is_not_allowed_any_more_is_not_fetched(
    project, asks, repository, settings, client
):
    told = {"name": "Net", "address": f"file://{repository}"}
    client.post(reverse("code:fetch", args=[project.slug]), told)
    settings.CODE_REPOSITORIES = ("github.com",)
    asked = CodeFetch.objects.first()
    fetch_code(asked.pk)
    asked.refresh_from_db()
    assert asked.state == "failed" and "Not an allowed address" in asked.problem


def test_the_same_job_twice_changes_nothing(asks, repository):
    asked = asks()
    commit(repository, {"net.py": "x = 1\n"})
    fetch_code(asked.pk)
    before = asked.commit
    asked.refresh_from_db()
    assert asked.commit == before
