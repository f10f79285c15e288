"""No test is outside of every stage of `make test`."""

from pathlib import Path

from tests.everything import LONGEST_FIRST, ROOT


def test_tests_of_the_whole_stack_lie_where_its_stages_look():
    folders = [ROOT / name for name in LONGEST_FIRST if (ROOT / name).is_dir()]
    marked = [
        path
        for path in (ROOT / "tests").rglob("test_*.py")
        if "mark.stack" in path.read_text(encoding="utf-8") and path != Path(__file__)
    ]
    assert marked
    assert [path for path in marked if not any(path.is_relative_to(f) for f in folders)] == []


def test_what_is_named_first_is_there():
    assert [name for name in LONGEST_FIRST if not (ROOT / name).exists()] == []
