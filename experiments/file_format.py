"""The version of the formats of this site that leave it and come back: plans, searches as JSON lines, links."""

from collections.abc import Mapping
from typing import Any, Final

KEY: Final = "format"
FORMAT: Final = 1  # raised when an older site would misread what is written


def with_format(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with its version in front."""
    return {KEY: FORMAT, **document}


def format_problem(found: object, what: str) -> str:
    """Say why a version can't be read, empty where it can; None is the first. what: a file, plan or link."""
    if found is None:
        return ""
    if isinstance(found, bool) or not isinstance(found, int) or found < 1:
        return f"Expected a whole number from 1 as the {what}'s format; got {str(found)[:40]}."
    if found > FORMAT:
        return (
            f"This {what} has format {found}; this version of Tuning Site reads up to {FORMAT}. "
            "Update Tuning Site."
        )
    return ""
