"""Reads the rows and constraints of a space out of JSON."""

from collections.abc import Sequence
from typing import Final

from experiments.search.problems import SpaceError, join_path
from experiments.search.reading import Reader
from experiments.search.space.conditions import condition_problems, duplicate_problems
from experiments.search.space.constraints import Constraint, parse_all
from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.hyperparameter_json import read_row

MOST_ROWS: Final = 200
MOST_CONSTRAINTS: Final = 50


def read_space(source: object) -> tuple[tuple[Hyperparameter, ...], tuple[Constraint, ...]]:
    """Rows and constraints; raises SpaceError with every problem, each with its JSON path."""
    reader = Reader(source)
    before = len(reader.problems)
    entries = reader.items("hyperparameters", longest=MOST_ROWS)
    # A search that scripts run may not know its space before the first of them has told it.
    still_empty = reader.flag("still_empty", default=False)
    if not entries and not still_empty and len(reader.problems) == before:
        reader.note("hyperparameters", "The space is empty. Add at least one hyperparameter.")
    texts = reader.items("constraints", longest=MOST_CONSTRAINTS, default=())
    reader.refuse_others()
    rows, broken = _read_rows(entries, reader)
    reader.problems += duplicate_problems(rows)
    reader.problems += condition_problems(rows, broken)
    constraints, wrong = parse_all(texts, {row.name: row for _, row in rows})
    if not broken:  # else a constraint could be blamed for a row that could not be read
        for index, message in wrong:
            reader.note(join_path("constraints", index), message)
    if reader.problems:
        raise SpaceError(reader.problems)
    return tuple(row for _, row in rows), tuple(constraints)


def _read_rows(
    entries: Sequence[object], reader: Reader
) -> tuple[list[tuple[int, Hyperparameter]], frozenset[str]]:
    rows: list[tuple[int, Hyperparameter]] = []
    broken: set[str] = set()
    for index, entry in enumerate(entries):
        row = read_row(Reader(entry, path=f"hyperparameters.{index}", problems=reader.problems))
        if row is not None:
            rows.append((index, row))
        else:
            name = entry.get("name") if isinstance(entry, dict) else None
            broken.add(name if isinstance(name, str) else "")
    return rows, frozenset(broken)
