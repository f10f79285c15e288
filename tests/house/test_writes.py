"""Only services write records: the other rooms call them."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WRITING_ROOMS = {"services", "migrations"}
OWN_RECORDS = {"queues.py"}  # of its jobs: a request and its record are one
ALWAYS = {
    "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create",
    "create_user", "create_superuser", "acreate", "aupdate", "asave", "adelete",
}  # fmt: skip
QUERYSET_WORDS = {"objects", "filter", "exclude", "all", "select_for_update"}


def writes(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and method of every call that looks like a write of a record."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = node.func.attr
            if name in ALWAYS or (name in ("save", "delete", "update") and is_write(node)):
                yield node.lineno, name


def is_write(call: ast.Call) -> bool:
    """`record.save()`, `queryset.delete()`, `queryset.update(field=…)`; no dict, file or hash."""
    assert isinstance(call.func, ast.Attribute)
    if call.func.attr == "update":
        return not call.args and bool(words_of(call.func.value) & QUERYSET_WORDS)
    return not call.args


def words_of(node: ast.AST) -> set[str]:
    """Every name and attribute of an expression."""
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return names | {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}


@pytest.mark.parametrize(
    "source",
    [
        "trial.save()",
        "trial.save(update_fields=['state'])",
        "Trial.objects.filter(pk=1).update(state='failed')",
        "experiment.trials.all().delete()",
        "Trial.objects.create(number=1)",
        "get_user_model().objects.create_user('a')",
    ],
)
def test_the_walk_sees_a_write(source):
    assert len(list(writes(ast.parse(source)))) == 1


@pytest.mark.parametrize(
    "source",
    ["options.update(a=1)", "digest.update(b'x')", "picture.save(path)", "np.save(path, rows)"],
)
def test_the_walk_lets_other_things_be(source):
    assert list(writes(ast.parse(source))) == []


def test_only_services_write():
    found = {}
    for path in sorted((ROOT / "experiments").rglob("*.py")):
        name = path.relative_to(ROOT / "experiments").as_posix()
        if name.split("/")[0] in WRITING_ROOMS or name in OWN_RECORDS:
            continue
        lines = list(writes(ast.parse(path.read_text(encoding="utf-8"))))
        if lines:
            found[name] = lines
    assert found == {}
