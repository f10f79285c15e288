"""Room: ingest (imports nothing). The delimiter and decimal mark of a CSV file, by its first lines."""

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

    @property
    def notes(self) -> tuple[str, ...]:
        """Plain sentences for the page."""
        parted = f"Columns are separated by a {DELIMITERS[self.delimiter]}."
        if self.decimal == ",":
            return (parted, "Numbers are written with a decimal comma.")
        return (parted,)


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
    return Dialect(best, _decimal(sample, best))


def looks_like_data(cells: Sequence[str]) -> bool:
    """Whether at least half the cells are numbers, as in a row and seldom in a header."""
    return sum(_is_number(cell) for cell in cells) * 2 >= len(cells)


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def _widths(sample: Sequence[str], delimiter: str) -> list[int]:
    try:
        return [len(row) for row in csv.reader(sample, delimiter=delimiter) if row]
    except csv.Error:
        return []


def _decimal(sample: Sequence[str], delimiter: str) -> str:
    if delimiter == ",":
        return "."
    cells = [cell for row in csv.reader(sample, delimiter=delimiter) for cell in row]
    commas = sum(bool(DECIMAL_COMMA.fullmatch(cell.strip())) for cell in cells)
    points = sum(bool(POINT_NUMBER.fullmatch(cell.strip())) for cell in cells)
    return "," if commas > points else "."
