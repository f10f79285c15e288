"""Reads cells that are written for people: numbers with separators, currency or percent, and dates.

Standard library alone: the bundle of a model carries this file, so that it reads cells alike.
"""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal

Mark = Literal["point", "comma"]
MARKS: Final[tuple[Mark, ...]] = ("point", "comma")  # decimal marks

CURRENCIES: Final = (
    "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HUF", "INR", "JPY", "KRW",
    "MXN", "NOK", "NZD", "PLN", "SEK", "SGD", "THB", "TRY", "USD", "ZAR", "kr", "zł", "Kč", "Fr.",
    "$", "€", "£", "¥", "₹", "₽", "₩", "₺",
)  # fmt: skip
GAPS: Final = " \u00a0\u202f'’"  # between thousands, whatever the decimal mark
_UNIT = "|".join(re.escape(unit) for unit in (*CURRENCIES, "%"))
_SIGN = "[-−+]"
_WRITTEN = re.compile(
    rf"(?P<open>\()?(?P<sign>{_SIGN})?\s*(?P<before>{_UNIT})?\s*(?P<inner>{_SIGN})?\s*"
    rf"(?P<digits>\d(?:[\d.,{GAPS}]*\d)?)(?P<exponent>[eE][-+]?\d+)?\s*(?P<after>{_UNIT})?(?P<close>\))?"
)
_DIGITS: Final[dict[str, re.Pattern[str]]] = {
    mark: re.compile(
        rf"[1-9]\d{{0,2}}(?P<gap>[{GAPS}{thousands}])\d{{3}}(?:(?P=gap)\d{{3}})*(?:[{decimal}]\d+)?"
        rf"|\d+(?:[{decimal}]\d+)?"
    )
    for mark, decimal, thousands in (("point", ".", ","), ("comma", ",", "."))
}

ISO: Final = "ISO8601"
DATE_FORMS: Final = (
    ISO,
    "%d.%m.%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S",
    "%d/%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S",
)  # fmt: skip
_OTHER_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})(?:\2(\d{1,2}))?([T ].*)?")
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
WEEKDAYS: Final = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip
PARTS: Final[dict[str, tuple[str, ...]]] = {
    "year": (),
    "month": MONTHS,
    "weekday": WEEKDAYS,
    "hour": (),
    "elapsed days": (),
}  # what a model gets of a date, with the categories of those that are no numbers
EPOCH: Final = date(2000, 1, 1)  # elapsed days count from here: a constant, adapted to no row


def number_of(text: str, mark: Mark) -> float | None:
    """A written number without currency, percent and separators: “$1,234.50” is 1234.5; or None."""
    found = _WRITTEN.fullmatch(text.strip())
    if not found or bool(found["open"]) != bool(found["close"]):
        return None
    if not _DIGITS[mark].fullmatch(found["digits"]):
        return None
    point, thousands = (".", ",") if mark == "point" else (",", ".")
    digits = re.sub(f"[{GAPS}{thousands}]", "", found["digits"]).replace(point, ".")
    signs = [found["sign"], found["inner"]]
    negative = bool(found["open"]) or "-" in signs or "−" in signs
    value = float(digits + (found["exponent"] or ""))
    return -value if negative else value


def unit_of(text: str) -> str:
    """The currency or percent sign of a written number; empty where it has none."""
    found = _WRITTEN.fullmatch(text.strip())
    return "" if found is None else found["before"] or found["after"] or ""


def date_of(text: str, form: str) -> datetime | None:
    """The moment that a text names in this form, in UTC without a zone; None where it names none."""
    try:
        moment = _iso(text) if form == ISO else datetime.strptime(text, form)  # noqa: DTZ007
    except ValueError:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _iso(text: str) -> datetime:
    if "W" in text:
        raise ValueError("a week is no day")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        found = _OTHER_ISO.fullmatch(text)
        if not found:
            raise
        year, _, month, day, rest = found.groups()
        return datetime.fromisoformat(f"{year}-{month:0>2}-{day or 1:0>2}{rest or ''}")


def part_of(moment: datetime, part: str) -> int | str:
    """One of PARTS: a whole number, or the name of month or weekday."""
    if part == "month":
        return MONTHS[moment.month - 1]
    if part == "weekday":
        return WEEKDAYS[moment.weekday()]
    if part == "elapsed days":
        return (moment.date() - EPOCH).days
    return moment.year if part == "year" else moment.hour


def date_text(parts: Mapping[str, int | str], form: str) -> str:
    """A text of this form with these parts, the inverse of `part_of`; other parts are any."""
    hour = int(parts.get("hour", 0))
    if "elapsed days" in parts:
        day = EPOCH + timedelta(days=int(parts["elapsed days"]))
    else:
        day = _first_day(int(parts.get("year", EPOCH.year)), parts.keys(), parts)
    moment = datetime(day.year, day.month, day.day, hour)  # noqa: DTZ001
    if form == ISO:
        return moment.isoformat(" ", "minutes") if "hour" in parts else day.isoformat()
    return moment.strftime(form)


def _first_day(year: int, named: Collection[str], parts: Mapping[str, int | str]) -> date:
    wanted = {part: parts[part] for part in ("month", "weekday") if part in named}
    for days in range(366):
        moment = datetime(year, 1, 1) + timedelta(days=days)  # noqa: DTZ001
        if all(part_of(moment, part) == value for part, value in wanted.items()):
            return moment.date()
    raise ValueError(f"No day of {year} has {wanted}.")


def expected_date(form: str) -> str:
    """How a date of this form looks, for messages."""
    return datetime(2024, 3, 31, 14, 30).strftime("%Y-%m-%d" if form == ISO else form)  # noqa: DTZ001
