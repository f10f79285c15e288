"""Reads a table of trials: CSV or JSON-lines.

The format stands in docs/guide/elsewhere.md.
"""

import csv
import io
import itertools
import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from experiments.csv_dialect import sniff
from experiments.file_format import KEY, format_problem
from experiments.interop.imported_search import (
    Curves,
    ImportedSearch,
    ImportedTrial,
    ImportRefused,
    Metrics,
    Skipped,
    decided_direction,
    finite,
    time_of,
)
from experiments.interop.inferred_space import fitting_values, inferred_space, lacking
from experiments.interop.keras_tuner.hyperparameters import ReadSpace
from experiments.interop.trials_csv import own_table
from experiments.search.history import Direction, TrialState, Values
from experiments.search.problems import SpaceError
from experiments.search.space.space import Space

MOST_TRIALS: Final = 100_000
LONGEST_CURVE: Final = 100_000
SAMPLE: Final = 100  # lines that tell how cells are parted
OPEN: Final = ("running", "paused")  # it goes on there
WAITING: Final = ("waiting", "queued")
STATES: Final[dict[str, TrialState]] = {
    **dict.fromkeys(
        ("completed", "complete", "ok", "finished", "done", "success", ""), "completed"
    ),
    **dict.fromkeys(("pruned",), "pruned"),
    **dict.fromkeys(("stopped", "killed", "cancelled", *OPEN), "stopped"),
    **dict.fromkeys(("failed", "fail", "error", "crashed", "invalid"), "failed"),
}
SCORES: Final = ("score", "value", "objective")
KEYS: Final = ("number", "id", "trial", "trial_id")
OWN: Final = frozenset(
    (*SCORES, *KEYS, "state", "status", "started", "ended", "message", "seconds", "epochs")
)
PARAMETERS: Final = re.compile(r"(?:params?|values|hyperparameters)[._](.+)")
METRICS: Final = re.compile(r"metrics?[._](.+)")
Record = dict[str, Any]


def read_csv(
    content: bytes, name: str, *, objective: str = "", direction: Direction | None = None
) -> ImportedSearch:
    """A table with a line of names, one trial a line. Raises ImportRefused.

    Spreadsheets of many countries write semicolons and decimal commas.
    """
    text = _text(content)
    dialect = sniff(list(itertools.islice(io.StringIO(text), SAMPLE)))
    source = io.StringIO(text, newline="")
    lines = csv.reader(source, delimiter=dialect.delimiter, strict=True)
    try:
        rows = [row for row in lines if row]
    except csv.Error as error:
        raise ImportRefused(f"Line {lines.line_num} can't be read as CSV: {error}.") from error
    heads = [head.strip() for head in rows[0]] if rows else []
    if len(set(heads)) < len(heads):
        raise ImportRefused("Two columns have the same name. Rename one of them.")
    own = own_table(heads)
    objective = objective or (own.objective if own else "")
    records = []
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(heads):
            raise ImportRefused(
                f"Line {number} has {len(row)} cells, but the first line has {len(heads)}."
            )
        cells = own.cells(row) if own else dict(zip(heads, row, strict=True))
        read = {head: _cell(dialect.pointed(cell)) for head, cell in cells.items()}
        records.append(_record(read, objective))
    return _search(records, {}, name, objective, direction)


def read_json_lines(
    content: bytes, name: str, *, objective: str = "", direction: Direction | None = None
) -> ImportedSearch:
    """One JSON object a line; the first may be {"search": …}. Raises ImportRefused."""
    found: list[Record] = []
    for number, line in enumerate(_text(content).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            one = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ImportRefused(f"Line {number} isn't JSON.") from error
        if not isinstance(one, dict):
            raise ImportRefused(f"Line {number} isn't a JSON object.")
        found.append(one)
    head = found.pop(0)["search"] if found and "search" in found[0] else {}
    head = head if isinstance(head, dict) else {}
    newer = format_problem(head.get(KEY), "file")
    if newer:
        raise ImportRefused(newer)
    return _search(found, head, name, objective, direction)


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImportRefused("The file isn't UTF-8 text. Save it as UTF-8.") from error


def _cell(text: str) -> Any:
    """Numbers and truth values as such; empty as None."""
    text = text.strip()
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for read in (int, float):
        try:
            return read(text) if text and "_" not in text else text or None
        except ValueError:
            continue
    return text


def _record(cells: Mapping[str, Any], objective: str) -> Record:
    """The columns of a line by what they are."""
    named = {key: match[1] for key in cells if (match := PARAMETERS.fullmatch(key))}
    metrics = {key: match[1] for key in cells if (match := METRICS.fullmatch(key))}
    if not named:
        taken = OWN | metrics.keys() | {objective}
        named = {key: key for key in cells if key.lower() not in taken}
    own = {key.lower(): cells[key] for key in cells if key.lower() in OWN and key not in named}
    if objective in cells:
        own["score"] = cells[objective]
    return {
        **own,
        "values": {named[key]: cells[key] for key in named},
        "metrics": {metrics[key]: cells[key] for key in metrics},
    }


def _search(
    records: Sequence[Record],
    head: Mapping[str, Any],
    name: str,
    objective: str,
    direction: Direction | None,
) -> ImportedSearch:
    if not records:
        raise ImportRefused("It has no trials.")
    if len(records) > MOST_TRIALS:
        raise ImportRefused(
            f"It has {len(records):,} trials; at most {MOST_TRIALS:,} are allowed."
        )
    objective = objective or str(head.get("objective") or "") or _only_metric(records)
    configurations = [_values(record, place) for place, record in enumerate(records)]
    read = _space(head, configurations)
    fitted = [fitting_values(each, read) for each in configurations]
    trials, skipped = _trials(records, fitted, objective)
    if not trials:
        raise ImportRefused("It has no trial that started.")
    return ImportedSearch(
        format="table",
        name=str(head.get("name") or name),
        objective=objective,
        direction=decided_direction(direction, head.get("direction"), objective),
        space=read.space,
        trials=tuple(trials),
        has_ids=all(map(_own_key, records)),
        counted_as=lacking(fitted, read),
        skipped=tuple(skipped),
        notes=tuple(read.notes),
    )


def _only_metric(records: Sequence[Record]) -> str:
    """The score's name where nobody says it."""
    if any(key in record for record in records for key in SCORES):
        return "score"
    names = tuple(dict.fromkeys(key for each in records for key in each.get("metrics") or {}))
    if len(names) == 1:
        return str(names[0])
    listed = f" Its metrics: {', '.join(names[:20])}." if names else ""
    message = f"The objective is unknown. Enter it.{listed}"
    raise ImportRefused(message, names, "objective")


def _values(record: Record, place: int) -> dict[str, Any]:
    values = record.get("values")
    if not isinstance(values, dict):
        raise ImportRefused(f"Trial {place} (counted from 0) has no values.")
    for name, value in values.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise ImportRefused(f"Trial {place}: {name} isn't a finite number.")
        if not isinstance(value, bool | int | float | str | None):
            raise ImportRefused(f"Trial {place}: {name} isn't a number, text or boolean.")
    return {str(name): value for name, value in values.items() if value is not None}


def _space(head: Mapping[str, Any], configurations: Sequence[Mapping[str, Any]]) -> ReadSpace:
    names = {name: name for each in configurations for name in each}
    try:
        space = Space.from_dict(head["space"])
    except (KeyError, SpaceError):
        return inferred_space(configurations)
    return (
        ReadSpace(space, names)
        if all(name in space for name in names)
        else inferred_space(configurations)
    )


def _trials(
    records: Sequence[Record], fitted: Sequence[Values], objective: str
) -> tuple[list[ImportedTrial], list[Skipped]]:
    found: dict[str, ImportedTrial] = {}
    skipped = []
    for place, (record, values) in enumerate(zip(records, fitted, strict=True)):
        key = _own_key(record) or str(place)
        if key in found:
            skipped.append(Skipped(f"line {place + 1}", f"Trial {key} appears twice."))
            continue
        if _status(record).lower() in WAITING:
            skipped.append(Skipped(f"trial {key}", "It had not started."))
            continue
        found[key] = _trial(key[:200], record, values, objective)
    return list(found.values()), skipped


def _status(record: Record) -> str:
    return str(record.get("state") or record.get("status") or "").strip()


def _own_key(record: Record) -> str:
    return next((str(record[name]) for name in KEYS if record.get(name) is not None), "")


def _trial(key: str, record: Record, values: Values, objective: str) -> ImportedTrial:
    status = _status(record)
    metrics = record.get("metrics")
    numbers: Metrics = {
        str(name): finite(value)
        for name, value in (metrics if isinstance(metrics, dict) else {}).items()
    }
    score = next((finite(record[k]) for k in SCORES if record.get(k) is not None), None)
    score = numbers.get(objective) if score is None else score
    state = STATES.get(status.lower(), "failed")
    if state == "completed" and score is None:
        state = "failed"
    best = record.get("best_epoch")
    return ImportedTrial(
        key=key,
        status=status or state,
        state=state,
        values=values,
        score=score if state == "completed" else None,
        metrics={**numbers, objective: score} if score is not None else numbers,
        epochs=_epochs(record.get("epochs")),
        seconds=_seconds(record.get("seconds")),
        best_epoch=best if isinstance(best, int) and best > 0 else None,
        curves=_curves(record.get("curves")),
        message=str(record.get("message") or "")[:100_000],
        started=time_of(record.get("started")),
        ended=time_of(record.get("ended")),
        is_open=status.lower() in OPEN,
    )


def _epochs(given: object) -> int:
    number = finite(given)
    return int(number) if number is not None and 0 <= number < 2**31 else 0


def _seconds(given: object) -> float | None:
    number = finite(given)
    return number if number is not None and number >= 0 else None


def _curves(source: object) -> Curves:
    if not isinstance(source, dict):
        return {}
    curves = {
        str(name): tuple(finite(value) for value in values[:LONGEST_CURVE])
        for name, values in source.items()
        if isinstance(values, list) and values
    }
    length = max((len(curve) for curve in curves.values()), default=0)
    return {name: curve + (None,) * (length - len(curve)) for name, curve in curves.items()}
