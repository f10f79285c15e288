"""Which addresses an administrator's list lets through."""

import pytest

from experiments.ingest.repository_address import (
    address_problem,
    entry_problem,
    path_problem,
    revision_problem,
)

ALLOWED = (
    "github.com",
    "https://git.example.com/team/",
    "file:///srv/git/",
    "http://127.0.0.1:8151/",
)


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/team/models",
        "https://GitHub.com/team/models.git",
        "https://github.com:443/team/models",
        "https://git.example.com/team/models",
        "file:///srv/git/models",
        "http://127.0.0.1:8151/models",
    ],
)
def test_what_is_listed_can_be_fetched_from(address):
    assert address_problem(address, ALLOWED) == ""


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://github.com/team/models", "allows other places"),
        ("https://github.com:8443/team/models", "allows other places"),
        ("https://github.com.evil.example/x", "allows other places"),
        ("https://evil.example/github.com", "allows other places"),
        ("https://git.example.com/teams/x", "allows other places"),
        ("https://git.example.com/team/../secret", "without .."),
        ("https://git.example.com/team/%2e%2e/secret", "without %"),
        ("file:///srv/git/../secret", "without .."),
        ("file:///srv/git2/x", "allows other places"),
        ("file://host/srv/git/x", "allows other places"),
        ("/srv/git/models", "allows other places"),
        ("ssh://git@github.com/team/x", "Leave the user"),
        ("git@github.com:team/x", "allows other places"),
        ("https://me:hunter2@github.com/team/x", "Leave the user"),
        ("https://token@github.com/team/x", "Leave the user"),
        ("https://github.com\\@evil.example/x", "Write the address"),
        ("https://github.com/x?y=1", "Leave out"),
        ("https://github.com/x y", "Write the address"),
        ("https://github.com:port/x", "no address"),
        ("ext::sh -c touch% /tmp/x", "Write the address"),
        ("--upload-pack=touch", "allows other places"),
        ("https://[::1/x", "no address"),
        ("", "Write the address"),
    ],
)
def test_everything_else_is_refused_without_repeating_it(address, words):
    problem = address_problem(address, ALLOWED)
    assert words in problem
    assert "hunter2" not in problem and "token" not in problem


def test_nothing_listed_means_nothing_is_fetched():
    assert address_problem("https://github.com/team/models", ())


@pytest.mark.parametrize("revision", ["", "main", "feature/x-1", "v1.0", "a" * 40])
def test_revisions_that_can_be_named(revision):
    assert revision_problem(revision) == ""


@pytest.mark.parametrize(
    "revision", ["-x", "--upload-pack=x", "a b", "a..b", "a:b", "+x", "x" * 300]
)
def test_revisions_that_cannot(revision):
    assert revision_problem(revision)


@pytest.mark.parametrize("path", ["../x.py", "/etc/x.py", "a/../../x.py", "x.txt"])
def test_paths_that_are_no_python_file_of_a_repository(path):
    assert path_problem(path)
    assert path_problem("") == path_problem("a/x.py") == ""


@pytest.mark.parametrize(
    "entry", ["http://example.com/", "ftp://x/", "file:///", "file://host/x", "a b"]
)
def test_entries_of_the_list_that_cannot_be_used(entry):
    assert entry_problem(entry)


@pytest.mark.parametrize("entry", ALLOWED)
def test_entries_that_can(entry):
    assert entry_problem(entry) == ""
