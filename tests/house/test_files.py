"""The tree keeps its shape: small files, empty package files, no drawers for odds and ends."""

import re
import subprocess
import warnings
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONG, LONGEST, MOST_CHARACTERS = 300, 400, 18_000
DRAWERS = {"utils", "common", "core", "constants", "mixins", "signals", "helpers", "misc"}
SOURCES = (".py", ".js", ".mjs", ".css", ".html")
NOT_OURS = (
    "static/built/",
    "static/vendor/",
    "experiments/migrations/",
    "docs/",
    "node_modules/",
    "data/",
)


def tracked(*suffixes: str) -> list[str]:
    """Files of the repository, those not yet added included."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    return sorted(
        name
        for name in listed
        if name.endswith(suffixes) and not name.startswith(NOT_OURS) and (ROOT / name).is_file()
    )


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_files_are_small():
    """One idea a file: over 300 lines is a warning, over 400 lines or 18,000 characters an error."""
    # The client is one file, because people carry it alone; the names that the editor completes
    # are a table.
    whole = ("client/tuning_client.py", "static/js/editor/keras-names.js")
    texts = {name: read(name) for name in tracked(*SOURCES) if not name.startswith(whole)}
    lines = {name: len(text.splitlines()) for name, text in texts.items()}
    long = {name: n for name, n in lines.items() if n > LONG}
    if long:
        warnings.warn(f"Longer than {LONG} lines: {long}", stacklevel=1)
    assert {name: n for name, n in long.items() if n > LONGEST} == {}
    assert {name: len(text) for name, text in texts.items() if len(text) > MOST_CHARACTERS} == {}


def test_package_files_are_empty_but_where_django_looks():
    full = [n for n in tracked("__init__.py") if read(n).strip()]
    # The last one is what importing a hidden package says.
    assert full == [
        "experiments/admin/__init__.py",
        "experiments/models/__init__.py",
        "experiments/training/no_rows/__init__.py",
    ]


def test_nothing_is_called_utils():
    names = {n for n in tracked(".py", ".js") if Path(n).stem in DRAWERS}
    folders = {n for n in tracked(".py", ".js") if DRAWERS & set(Path(n).parts)}
    assert names | folders == set()


def test_every_module_opens_with_its_sentence():
    silent = [
        name
        for name in tracked(".py")
        if name.startswith(("experiments/", "tuning_site/"))
        and not name.endswith("__init__.py")
        and not re.match(r'(#!.*\n)?(r?""")', read(name))
    ]
    assert silent == []


@pytest.mark.parametrize("mark", ["TODO", "FIXME", "XXX"])
def test_nothing_is_left_for_later(mark):
    mine = Path(__file__).relative_to(ROOT).as_posix()
    left = [n for n in tracked(*SOURCES) if n != mine and re.search(rf"\b{mark}\b", read(n))]
    assert left == []
