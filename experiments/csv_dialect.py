"""Detects the delimiter and decimal mark of a CSV file."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "|"}
DECIMAL_COMMA = re.compile(r"-?\d+,\d+")
POINT_NUMBER = re.compile(r"-?\d+\.\d+")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How cells are parted; `notes` tell a person what was found."""

    delimiter: str
    decimal: str
    below: tuple[tuple[str, ...], ...] = ()  # cells of the first rows under the first line

    @property
    def notes(self) -> tuple[str, ...]:
        """Plain sentences for the page."""
        parted = f"Columns are separated by a {DELIMITERS[self.delimiter]}."
        if self.decimal == ",":
            return (parted, "Numbers are written with a decimal comma.")
        return (parted,)

    def pointed(self, cell: str) -> str:
        """The cell, where it is a number with a decimal point."""
        if self.decimal == "," and DECIMAL_COMMA.fullmatch(cell.strip()):
            return cell.replace(",", ".")
        return cell


def sniff(sample: Sequence[str]) -> Dialect:
    """The delimiter that parts the lines most evenly into more than one cell; a comma if none does."""
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        widths = _widths(sample, delimiter)
        if not widths or widths[0] < 2:
            continue
        even = sum(width == widths[0] for width in widths) / len(widths)
        if (even, widths[0]) > best_score:
            best, best_score = delimiter, (even, widths[0])
    rows = tuple(tuple(row) for row in _rows(sample, best) if row)
    return Dialect(best, _decimal(sample, best), rows[1:])


def looks_like_data(cells: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether half the cells are numbers or stand in their own column again: no header does that."""
    columns = [
        {row[place].strip() for row in below if place < len(row)} for place in range(len(cells))
    ]
    like_a_row = [
        _is_number(cell) or (cell.strip() != "" and cell.strip() in column)
        for cell, column in zip(cells, columns, strict=True)
    ]
    return sum(like_a_row) * 2 >= len(cells)


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def _widths(sample: Sequence[str], delimiter: str) -> list[int]:
    return [len(row) for row in _rows(sample, delimiter) if row]


def _rows(sample: Sequence[str], delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(sample, delimiter=delimiter))
    except csv.Error:
        return []


def _decimal(sample: Sequence[str], delimiter: str) -> str:
    if delimiter == ",":
        return "."
    cells = [cell for row in csv.reader(sample, delimiter=delimiter) for cell in row]
    commas = sum(bool(DECIMAL_COMMA.fullmatch(cell.strip())) for cell in cells)
    points = sum(bool(POINT_NUMBER.fullmatch(cell.strip())) for cell in cells)
    return "," if commas > points else "."
