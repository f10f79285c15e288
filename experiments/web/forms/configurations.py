"""Room: web. Configurations as people write them, one a line: JSON objects, or CSV with a header."""

import csv
import json
import re
from typing import Any, Final

from experiments.web.forms import typed

DELIMITERS: Final = ",;\t"
SCORE: Final = "score"
JSON_START = re.compile(r"\s*[\[{]")


def read_configurations(text: str) -> Any:
    """Read them as the plan holds them; a line that is none stays text for the validator to name."""
    if not text.strip():
        return []
    if not JSON_START.match(text):
        return _read_csv(text)
    if text.lstrip().startswith("["):
        return _read_list(text)
    return [_read_line(line) for line in typed.lines(text)]


def show_configurations(entries: Any) -> str:
    """Write them as JSON, one a line, so that `read_configurations` reads the same again."""
    if not isinstance(entries, list | tuple):
        return typed.shown(entries)
    return "\n".join(_shown(entry) for entry in entries)


def _read_csv(text: str) -> list[Any]:
    """Rows by the names of the first line; an empty cell is left out."""
    lines = text.strip().removeprefix("\ufeff").splitlines()
    delimiter = max(DELIMITERS, key=lines[0].count)
    try:
        header, *rows = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return lines
    names = [name.strip() for name in header]
    if not rows:
        return lines
    return [_row(names, cells) for cells in rows if any(cell.strip() for cell in cells)]


def _row(names: list[str], cells: list[str]) -> Any:
    if len(cells) != len(names) or len(set(names)) != len(names):
        return DELIMITERS[0].join(cells)
    given = {
        name: typed.scalar(cell) for name, cell in zip(names, cells, strict=True) if cell.strip()
    }
    return _entry(given)


def _read_list(text: str) -> Any:
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError):
        return [text]
    return [_entry(each) if isinstance(each, dict) else each for each in entries]


def _read_line(line: str) -> Any:
    try:
        found = json.loads(line.rstrip(","))
    except (ValueError, RecursionError):
        return line
    return _entry(found) if isinstance(found, dict) else found


def _entry(given: dict[str, Any]) -> dict[str, Any]:
    """Split the score from the values; what the JSON of a plan holds stays as it is."""
    if isinstance(given.get("values"), dict):
        return {"score": None} | given
    values = {name: value for name, value in given.items() if name != SCORE}
    return {"values": values, "score": given.get(SCORE)}


def _shown(entry: Any) -> str:
    if not isinstance(entry, dict) or not isinstance(entry.get("values"), dict):
        return entry if isinstance(entry, str) else json.dumps(entry, ensure_ascii=False)
    values, score = entry["values"], entry.get("score")
    if set(entry) - {"values", "score"} or {"values", "score"} & set(values):
        return json.dumps(entry, ensure_ascii=False)
    flat = values if score is None else values | {SCORE: score}
    return json.dumps(flat, ensure_ascii=False)
