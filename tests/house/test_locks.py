"""Locks of rows leave their keys alone, so that who only refers to a locked row doesn't wait."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_lock_is_without_the_key():
    sources = {path: path.read_text() for path in (ROOT / "experiments").rglob("*.py")}
    locking = [path for path, text in sources.items() if "select_for_update(" in text]
    assert locking
    assert not [path.name for path in locking if "select_for_update()" in sources[path]]
