"""Checks of single columns of a table, by their facts and what they are used as."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from experiments.evaluation.split_columns import looks_like_group
from experiments.ingest.checks.outcome import Check, Found, NotFound, Outcome, some
from experiments.ingest.columns import MOST_CATEGORIES, ColumnFacts, mixes_units
from experiments.ingest.readings import MARK_OF

INPUTS: Final = ("number", "category", "date", *MARK_OF)
CONVERTED: Final = ("target", "date", *MARK_OF)  # a target is read as its task needs it
MOST_MISSING: Final = 0.5  # share of the rows
FEWEST_GROUPS: Final = 10  # fewer are rather kinds, such as age groups


@dataclass(frozen=True, slots=True)
class UsedColumn:
    """A column of the file. use: of the target "target". rows: of the table."""

    facts: ColumnFacts
    use: str
    rows: int

    @property
    def is_input(self) -> bool:
        return self.use in INPUTS


def column_outcomes(
    facts: Sequence[ColumnFacts], uses: Mapping[str, str], rows: int
) -> Iterator[Outcome]:
    """What each check found in any column; uses: by name, a column not named is not used."""
    columns = [UsedColumn(one, uses.get(one.name, "skip"), rows) for one in facts]
    for check, look in COLUMN_CHECKS.items():
        found = [one for column in columns if (one := look(column))]
        yield from found
        if not found:
            yield NotFound(check, some(len(columns), "column", "columns"))


def _dates(column: UsedColumn) -> Found | None:
    facts = column.facts
    dates = [one for one in facts.readings if one.use == "date"]
    if not dates or column.use in CONVERTED:
        return None
    if len(dates) > 1:
        text = f"Column {facts.name} has dates that can be read as day/month or month/day."
        return Found("dates", text, "Write them as 2024-03-31.", facts.name)
    is_text = "used as a category" if column.use == "category" else "not used"
    fix = f"Use it as a date: the model gets {', '.join(dates[0].parts)}."
    return Found(
        "dates", f"Column {facts.name} has dates and is {is_text}.", fix, facts.name, "date"
    )


def _written_numbers(column: UsedColumn) -> Found | None:
    facts = column.facts
    numbers = [one for one in facts.readings if one.use in MARK_OF]
    if not numbers or column.use in CONVERTED:
        return None
    if any(mixes_units(one) for one in numbers):
        units = ", ".join(unit or "none" for unit in numbers[0].units)
        text = f"Column {facts.name} has numbers of different units ({units})."
        return Found("written_numbers", text, "Convert them to one unit in the file.", facts.name)
    examples = " or ".join(one.example for one in numbers)
    text = f"Column {facts.name} has numbers written as text: {examples}."
    use = numbers[0].use if len(numbers) == 1 else ""
    return Found("written_numbers", text, "Use it as a number.", facts.name, use)


def _spellings(column: UsedColumn) -> Found | None:
    facts = column.facts
    if not facts.spellings or not (column.is_input or column.use in ("target", "learn_class")):
        return None
    alike = " and ".join(f"“{text}”" for text in facts.spellings[0])
    more = f", and {len(facts.spellings) - 1} more" if len(facts.spellings) > 1 else ""
    what = "category" if column.is_input else "class"
    text = f"Column {facts.name} writes one {what} in several ways: {alike}{more}."
    return Found("spellings", text, "Write it in one way in the file.", facts.name)


def _infinite(column: UsedColumn) -> Found | None:
    facts = column.facts
    if not facts.infinite or column.use == "skip":
        return None
    where = f", first in line {facts.odd_line:,}" if facts.odd_line else ""
    count = some(facts.infinite, "infinite number", "infinite numbers")
    text = f"Column {facts.name} has {count}{where}, taken as missing."
    return Found("infinite", text, "Correct the cells, or leave the column out.", facts.name)


def _odd_cells(column: UsedColumn) -> Found | None:
    facts = column.facts
    reading = facts.reading(column.use)
    cells, text, line = facts.odd - facts.infinite, facts.odd_text, facts.odd_line
    if reading:
        cells, text, line = reading.unread, reading.unread_text, reading.unread_line
    elif column.use != "number":
        return None
    if not cells:
        return None
    where = f", first in line {line:,}" if line else ""
    kind = "date" if column.use == "date" else "number"
    said = f"{some(cells, 'cell', 'cells')} of column {facts.name} can't be read as a {kind}{where}: “{text}”."
    return Found(
        "odd_cells", said, "They count as missing. Correct them if they aren't.", facts.name
    )


def _constant(column: UsedColumn) -> Found | None:
    name = column.facts.name
    if column.facts.holds == "empty":
        return Found("constant", f"Column {name} is empty and is left out.", column=name)
    if "constant" not in column.facts.flags or column.use == "target":
        return None
    fix = "Leave it out." if column.is_input else ""
    text = f"Column {name} has a single value, so it can't help a model."
    return Found("constant", text, fix, name, "skip" if fix else "")


def _ids(column: UsedColumn) -> Found | None:
    facts = column.facts
    if column.use in CONVERTED:
        return None
    if facts.holds == "text" and not facts.readings and column.use == "skip":
        text = f"Column {facts.name} has nearly as many unique texts as rows and is left out."
        return Found("ids", text, column=facts.name)
    if "id" not in facts.flags or (facts.readings and column.use == "skip"):
        return None
    text = f"Column {facts.name} looks like an ID column: every row has another value."
    if not column.is_input:
        return Found("ids", f"{text} It is left out.", column=facts.name)
    return Found("ids", text, "Leave it out: a model can memorize rows by it.", facts.name, "skip")


def _groups(column: UsedColumn) -> Found | None:
    facts = column.facts
    usable = column.use == "number" or facts.unique <= MOST_CATEGORIES
    alike = looks_like_group(facts.name, facts.unique, column.rows, FEWEST_GROUPS)
    if not (column.is_input and usable and alike):
        return None
    text = (
        f"Column {facts.name} is an input and looks like a group: {facts.unique:,} values in "
        f"{column.rows:,} rows. A model can memorize the groups that it was trained on."
    )
    fix = f"Leave it out, and group by {facts.name} in the split."
    return Found("groups", text, fix, facts.name, "skip")


def _missing(column: UsedColumn) -> Found | None:
    facts = column.facts
    share = facts.missing_as(column.use) / column.rows
    if facts.holds == "empty" or not column.is_input or share <= MOST_MISSING:
        return None
    text = f"Column {facts.name} is missing in {share:.0%} of the rows."
    fix = "Leave it out, unless a missing value means something."
    return Found("missing", text, fix, facts.name)


COLUMN_CHECKS: Final[dict[Check, Callable[[UsedColumn], Found | None]]] = {
    "groups": _groups,
    "dates": _dates,
    "written_numbers": _written_numbers,
    "spellings": _spellings,
    "infinite": _infinite,
    "odd_cells": _odd_cells,
    "constant": _constant,
    "ids": _ids,
    "missing": _missing,
}
