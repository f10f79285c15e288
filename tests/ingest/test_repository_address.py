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
        ("http://github.com/team/models", "Not an allowed address"),
        ("https://github.com:8443/team/models", "Not an allowed address"),
        ("https://github.com.evil.example/x", "Not an allowed address"),
        ("https://evil.example/github.com", "Not an allowed address"),
        ("https://git.example.com/teams/x", "Not an allowed address"),
        ("https://git.example.com/team/../secret", "without .."),
        ("https://git.example.com/team/%2e%2e/secret", "without .. and %"),
        ("file:///srv/git/../secret", "without .."),
        ("file:///srv/git2/x", "Not an allowed address"),
        ("file://host/srv/git/x", "Not an allowed address"),
        ("/srv/git/models", "Not an allowed address"),
        ("ssh://git@github.com/team/x", "Remove the user"),
        ("git@github.com:team/x", "Not an allowed address"),
        ("https://me:hunter2@github.com/team/x", "Remove the user"),
        ("https://token@github.com/team/x", "Remove the user"),
        ("https://github.com\\@evil.example/x", "Enter the address"),
        ("https://github.com/x?y=1", "Remove ? and #"),
        ("https://github.com/x y", "Enter the address"),
        ("https://github.com:port/x", "Not an address"),
        ("ext::sh -c touch% /tmp/x", "Enter the address"),
        ("--upload-pack=touch", "Not an allowed address"),
        ("https://[::1/x", "Not an address"),
        ("", "Enter the address"),
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
