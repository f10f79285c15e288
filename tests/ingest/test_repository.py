"""One commit of a repository: from a folder, over the web, within limits, and never more than requested."""

import os
from pathlib import Path

import pytest

from experiments.ingest.repository import (
    MEMORY_BYTES,
    FetchLimits,
    FetchRefused,
    GitNotRun,
    _explained,
    fetched,
)
from tests.repositories import commit, git, make_repository, served

LIMITS = FetchLimits()


@pytest.fixture
def repository(tmp_path):
    return make_repository(tmp_path / "repositories" / "nets", {"net.py": "one = 1\n"})


def text_of(address, revision="", path="net.py", limits=LIMITS):
    with fetched(address, revision, limits) as found:
        return found.hash, found.read(path, 1000)


def test_a_branch_a_tag_and_a_commit_are_read_as_they_are(repository):
    first = git(repository, "rev-parse", "HEAD")
    git(repository, "tag", "-a", "v1", "-m", "first")
    second = commit(repository, {"net.py": "two = 2\n"})
    address = f"file://{repository}"
    assert text_of(address) == (second, "two = 2\n")
    assert text_of(address, "main") == (second, "two = 2\n")
    assert text_of(address, "v1") == (first, "one = 1\n")
    assert text_of(address, first) == (first, "one = 1\n")


def test_over_the_web_too(repository):
    first = git(repository, "rev-parse", "HEAD")
    commit(repository, {"net.py": "two = 2\n"})
    with served(repository.parent) as place:
        assert text_of(f"{place}/nets", "main")[1] == "two = 2\n"
        assert text_of(f"{place}/nets", first) == (first, "one = 1\n")


@pytest.mark.parametrize(
    ("revision", "path", "words"),
    [
        ("nowhere", "net.py", "no such branch or tag"),
        ("a" * 40, "net.py", "no such commit"),
        ("", "none.py", "no file none.py"),
        ("", "long.py", "larger than 1 kB"),
        ("", "latin.py", "isn't UTF-8 text"),
        ("", "link.py", "no file link.py"),
    ],
)
def test_what_is_not_there_is_said(repository, revision, path, words):
    (repository / "latin.py").write_bytes(b"# \xe9\n")
    (repository / "link.py").symlink_to("/etc/passwd")
    commit(repository, {"long.py": "x = 1\n" * 500})
    with pytest.raises(FetchRefused, match=words):
        text_of(f"file://{repository}", revision, path)


def test_a_place_without_a_repository_is_said(repository, tmp_path):
    with served(repository.parent) as place, pytest.raises(FetchRefused, match="no repository"):
        text_of(f"{place}/none")
    with pytest.raises(FetchRefused, match="no repository"):
        text_of(f"file://{tmp_path}")
    with pytest.raises(FetchRefused, match="doesn't respond"):
        text_of("http://127.0.0.1:9/nets")


@pytest.mark.parametrize(
    ("answers", "words"),
    [({"redirects": True}, "redirects"), ({"password": True}, "requires a password")],
)
def test_a_redirect_is_not_followed_and_no_password_asked_for(repository, answers, words):
    with (
        served(repository.parent, **answers) as place,
        pytest.raises(FetchRefused, match=words),
    ):
        text_of(f"{place}/nets")


@pytest.mark.parametrize("name", ["not found", "fsck.git", "error: 404"])
def test_an_address_that_reads_like_an_answer_explains_nothing(repository, name):
    """Git repeats the address in its words."""
    address = f"file://{repository.parent}/{name}"
    words = f"fatal: bad object {address}/x\nfatal: '{repository.parent}/{name}' is odd\n"
    assert "git ls-remote" in _explained(words, address)
    upper = f"fatal: unable to access '{address.upper()}/': The requested URL returned error: 404"
    assert "no repository" in _explained(upper, address)


def test_the_words_are_read_without_the_address(tmp_path):
    place = make_repository(tmp_path / "could not read username", {"net.py": ""})
    with pytest.raises(FetchRefused, match="no repository"):
        text_of(f"file://{place}/none")


def test_a_git_that_can_not_be_run_is_said(repository, tmp_path, monkeypatch):
    broken = tmp_path / "bin" / "git"
    broken.parent.mkdir()
    broken.write_bytes(b"no program")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(broken.parent))
    with pytest.raises(GitNotRun, match="git could not be started"):
        text_of(f"file://{repository}")


def test_a_large_commit_and_a_slow_one_are_left(repository):
    (repository / "big.bin").write_bytes(os.urandom(3 << 20))
    commit(repository, {})
    address = f"file://{repository}"
    with pytest.raises(FetchRefused, match="larger than"):
        text_of(address, limits=FetchLimits(total_bytes=1 << 20))
    with pytest.raises(FetchRefused, match="exceeded the time limit"):
        text_of(address, limits=FetchLimits(seconds=0.001))


def test_only_the_commit_comes_and_nothing_of_it_runs(repository, tmp_path, monkeypatch):
    ran = tmp_path / "ran"
    hook = tmp_path / "hooks" / "reference-transaction"
    hook.parent.mkdir()
    hook.write_text(f"#!/bin/sh\ntouch {ran}\n")
    hook.chmod(0o755)
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(f"[core]\n\thooksPath = {hook.parent}\n")
    monkeypatch.setenv("HOME", str(home))
    inner = make_repository(tmp_path / "inner", {"x.py": ""})
    git(
        repository,
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        str(inner),
        "sub",
    )
    commit(repository, {})
    with fetched(f"file://{repository}", "", LIMITS) as found:
        assert set(found.files) == {".gitmodules", "net.py"}
        place = Path(found._git.repository)
        assert git(place, "rev-list", "--all", "--count") == "0"  # no branch was made
        assert git(place, "rev-list", "--count", found.hash) == "1"
    assert not ran.exists() and not place.exists()


def test_variables_of_this_process_are_not_passed_on(repository, monkeypatch):
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_TRACE", "1")
    monkeypatch.setenv("SECRET_KEY", "hidden")
    with fetched(f"file://{repository}", "", LIMITS) as found:
        told = found._git._environment()
    assert not {"GIT_DIR", "GIT_TRACE", "SECRET_KEY"} & set(told)


def test_git_has_its_limits_from_its_first_moment(repository, tmp_path, monkeypatch):
    program = tmp_path / "git"
    program.write_text(
        f"#!/bin/sh\nulimit -v >> {tmp_path}/memory\nulimit -c >> {tmp_path}/cores\nexit 1\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(FetchRefused, match="Git could not fetch"):
        text_of(f"file://{repository}")
    told = {name: (tmp_path / name).read_text() for name in ("memory", "cores")}
    assert told == {"memory": f"{MEMORY_BYTES >> 10}\n", "cores": "0\n"}
