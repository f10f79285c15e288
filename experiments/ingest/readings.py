"""How texts of a column can be read: as written numbers (“$1,234.50”), or as dates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Literal

import numpy as np

from experiments.cells import DATE_FORMS, PARTS, Mark, date_of, number_of, unit_of
from experiments.ingest.lazy_pandas import pd

ReadAs = Literal["number_point", "number_comma", "date"]
MARK_OF: Final[dict[str, Mark]] = {"number_point": "point", "number_comma": "comma"}
SAMPLE: Final = 60  # different texts that a form is tried on before all of them
FEWEST_SHARE: Final = 0.9  # of the different texts, that must be read


Values = list[Any]  # of each different text, None where it can't be read


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a column of texts.

    example: of a number, the text and what it becomes. form: of dates. parts: of PARTS, that these
    dates tell. units: currencies and percent signs in the column. unread: cells that can't be read
    so; unread_text, unread_line: the first of them and its line in the file, 0 without lines.
    """

    use: ReadAs
    example: str = ""
    form: str = ""
    parts: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    unread: int = 0
    unread_text: str = ""
    unread_line: int = 0

    @classmethod
    def from_dict(cls, source: dict[str, Any]) -> Reading:
        """From what `asdict` gave, through JSON."""
        lists = {name: tuple(source[name]) for name in ("parts", "units")}
        return cls(**{**source, **lists})


def readings_of(column: pd.Series, lines: np.ndarray[Any, Any] | None) -> tuple[Reading, ...]:
    """Every way in which nearly all texts of a column can be read; two where they are ambiguous."""
    places, words = pd.factorize(column)
    texts = [str(word).strip() for word in words]
    sample = texts[:: max(1, len(texts) // SAMPLE)]
    found = []
    for read in (_numbers(sample, texts), _dates(sample, texts)):
        whole = [each for each in read if None not in each[1]]
        if whole and all(values == whole[0][1] for _, values in whole):
            whole = whole[:1]  # the same, whichever way
        found += _with_thousands(whole) or whole or read[:1]
    return tuple(_located(reading, values, places, texts, lines) for reading, values in found)


def _with_thousands(whole: list[tuple[Reading, Values]]) -> list[tuple[Reading, Values]]:
    """Of two readings of 950 and 1,234 the one that parts thousands: decimals would end in 950,0."""
    if len(whole) != 2 or whole[0][0].use == "date":
        return []
    pairs = list(zip(whole[0][1], whole[1][1], strict=True))
    plain = [abs(one) for one, other in pairs if one == other]
    if not plain or max(plain) >= 1_000:
        return []
    point = all(abs(one) >= abs(other) for one, other in pairs)
    comma = all(abs(one) <= abs(other) for one, other in pairs)
    return [whole[0]] if point else [whole[1]] if comma else []


def _numbers(sample: Sequence[str], texts: Sequence[str]) -> list[tuple[Reading, Values]]:
    found = []
    for use, mark in MARK_OF.items():
        values = _read(sample, texts, partial(number_of, mark=mark))
        if values:
            read = {
                text: value for text, value in zip(texts, values, strict=True) if value is not None
            }
            longest = max(read, key=len)
            units = {unit_of(text) for text in texts}
            if "%" not in units:
                units.discard("")  # 12 and $12 are alike, 12 and 12 % are not
            example = f"“{longest}” is {read[longest]:.15g}"
            found.append((Reading(use, example=example, units=tuple(sorted(units))), values))  # type: ignore[arg-type]
    return found


def _dates(sample: Sequence[str], texts: Sequence[str]) -> list[tuple[Reading, Values]]:
    found = []
    for form in DATE_FORMS:
        values = _read(sample, texts, partial(date_of, form=form))
        if values:
            timed = any(moment and (moment.hour or moment.minute) for moment in values)
            parts = tuple(part for part in PARTS if timed or part != "hour")
            found.append((Reading("date", form=form, parts=parts), values))
    return found


def _read(sample: Sequence[str], texts: Sequence[str], read: Callable[[str], Any]) -> Values:
    """What each text is read as; empty where too few are read, of a sample first."""
    for some in (sample, texts):
        values = [read(text) for text in some]
        if not some or sum(value is not None for value in values) < FEWEST_SHARE * len(some):
            return []
    return values


def _located(
    reading: Reading,
    values: Values,
    places: Any,
    texts: Sequence[str],
    lines: np.ndarray[Any, Any] | None,
) -> Reading:
    """The same with the cells that it does not read."""
    bad = np.array([value is None for value in values] + [False])
    rows = np.flatnonzero(bad[places])
    if not len(rows):
        return reading
    return replace(
        reading,
        unread=len(rows),
        unread_text=texts[places[rows[0]]][:60],
        unread_line=int(lines[rows[0]]) if lines is not None else 0,
    )
