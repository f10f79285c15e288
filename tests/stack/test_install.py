"""The set-up on a bare machine: what is up to date is left alone, what fails says what to do."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.stack import assets, install
from experiments.stack.install import run_step
from experiments.stack.progress import StartRefused
from tests.stack.site import ROOT


def shell(message: str, status: int = 1) -> list[str]:
    return [sys.executable, "-c", f"import sys; print({message!r}); sys.exit({status})"]


def test_a_step_that_passes_tells_its_seconds(capsys):
    run_step("Packages", shell("fine", 0), folder=ROOT)
    assert "Packages … 0." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("said", "mend"),
    [
        ("Temporary failure in name resolution", "Connect this machine to the network"),
        ("npm error code ENOTFOUND", "Connect this machine to the network"),
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("ERROR: hash mismatch", "ERROR: hash mismatch\nPackages failed with status 1"),
    ],
)
def test_a_step_that_fails_says_what_to_do(said, mend):
    with pytest.raises(StartRefused) as refused:
        run_step("Packages", shell(said), folder=ROOT)
    assert mend in str(refused.value)


def test_a_missing_program_is_named():
    with pytest.raises(StartRefused, match="the program no-such-program is missing"):
        run_step("Static packages", ["no-such-program"], folder=ROOT)


def test_a_stamp_is_current_until_a_source_changes(tmp_path, monkeypatch):
    monkeypatch.setattr(install, "ROOT", tmp_path)
    (tmp_path / "requirements.txt").write_text("django==5.2\n")
    stamp = tmp_path / "stamp"
    assert not install.is_current(stamp, ["requirements.txt"])
    stamp.write_text(install.digest(["requirements.txt"]))
    assert install.is_current(stamp, ["requirements.txt"])
    (tmp_path / "requirements.txt").write_text("django==5.3\n")
    assert not install.is_current(stamp, ["requirements.txt"])


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """The files that the Makefile needs, without an environment."""
    for name in (
        "Makefile",
        "package.json",
        "package-lock.json",
        "requirements.txt",
        "requirements-code.txt",
    ):
        shutil.copyfile(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "experiments" / "stack", tmp_path / "experiments" / "stack")
    (tmp_path / "experiments" / "__init__.py").touch()
    return tmp_path


def make(folder: Path, path: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [shutil.which("make") or "make", *arguments],
        cwd=folder,
        env={"PATH": path, "HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def tools(folder: Path, *names: str) -> str:
    """A PATH with only the named programs."""
    programs = folder / "programs"
    programs.mkdir()
    for name in names:
        (programs / name).symlink_to(shutil.which(name) or name)
    return str(programs)


def test_without_a_supported_python_make_says_which_are(bare):
    done = make(bare, tools(bare, "bash", "echo"), "run")
    assert done.returncode != 0
    assert "Python 3.11, 3.12 or 3.13 is needed and was not found." in done.stderr


def test_without_a_network_make_says_so_in_one_line(bare):
    path = tools(bare, "bash", "echo")
    done = subprocess.run(
        [shutil.which("make") or "make", "run", f"PYTHON={sys.executable}"],
        cwd=bare,
        # Nothing listens on port 1: every download is refused at once.
        env={
            "PATH": path,
            "HOME": str(bare),
            "PIP_INDEX_URL": "http://127.0.0.1:1/simple",
            "PIP_RETRIES": "0",
            "PIP_CONFIG_FILE": os.devnull,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "Python packages: the package index can't be reached." in done.stderr


def test_a_sprite_holds_every_listed_icon(tmp_path):
    listing = tmp_path / "icons.txt"
    listing.write_text("# some\nplay\ntrash-2  # rubbish\n\nplay\n")
    sprite = assets.build_sprite(ROOT / "node_modules", listing)
    assert sprite.count("<symbol") == 2
    assert '<symbol id="trash-2" viewBox="0 0 24 24"><path' in sprite


def test_the_sprite_holds_the_mark_in_its_own_colour(tmp_path):
    logo = ROOT / "static" / "img" / "logo.svg"
    sprite = assets.with_logo("<svg><symbol/></svg>\n", logo)
    assert sprite.count("</svg>") == 1
    assert re.search(r'<symbol id="logo"[^>]*viewBox="0 0 24 24"[^>]*stroke="#3b5bdb"', sprite)


def test_an_unknown_icon_is_named(tmp_path):
    (tmp_path / "icons.txt").write_text("no-such-icon\n")
    with pytest.raises(assets.AssetsError, match="'no-such-icon'"):
        assets.build_sprite(ROOT / "node_modules", tmp_path / "icons.txt")


def test_the_lock_file_names_no_download_address():
    assert "resolved" not in (ROOT / "package-lock.json").read_text(encoding="utf-8")
