"""Validates column names."""

from collections.abc import Sequence

from experiments.ingest.errors import DataRefused
from experiments.ingest.limits import Limits

LONGEST = 200


def check_names(names: Sequence[str], limits: Limits) -> tuple[str, ...]:
    """The names without blanks around them; refuses empty, equal, overlong and too many ones."""
    if len(names) > limits.columns:
        raise DataRefused(
            f"The table has {len(names):,} columns; at most {limits.columns:,} are "
            "allowed. Remove columns."
        )
    plain = [name.strip() for name in names]
    seen: set[str] = set()
    for position, name in enumerate(plain, start=1):
        if not name:
            raise DataRefused(f"Column {position} has no name. Name every column in the header.")
        if not name.isprintable():
            raise DataRefused(f"The name of column {position} contains unprintable characters.")
        if len(name) > LONGEST:
            raise DataRefused(
                f"The name of column {position} is longer than {LONGEST} characters."
            )
        if name in seen:
            raise DataRefused(f"Two columns are named {name}. Rename one of them.")
        seen.add(name)
    if len(plain) < 2:
        raise DataRefused(
            "Found only one column; a table needs a target and at least one input. "
            "Separate columns by comma, semicolon, tab or |."
        )
    return tuple(plain)
