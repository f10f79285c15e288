"""How an experiment names a sampler or pruner that is code of its project.

`near_the_best@17` is the class with the slug `near_the_best` in version 17 of the project's code: only
the number counts, the word is for people.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

NAMED: Final = re.compile(r"([a-z][a-z_]{0,39})@([1-9][0-9]{0,17})")


def own_slug(slug: str, version: int) -> str:
    """How an experiment names it."""
    return f"{slug}@{version}"


def version_of(slug: str) -> int | None:
    """The version of the project's code that a name means; None: it is no code of a project."""
    found = NAMED.fullmatch(slug)
    return int(found[2]) if found else None


def strategy_label(kinds: Mapping[str, Any], slug: str) -> str:
    """What pages call it; the slug itself where this site doesn't have it any more."""
    if slug in kinds:
        return str(kinds[slug].label)
    found = NAMED.fullmatch(slug)
    return f"{found[1].replace('_', ' ').capitalize()} (own code)" if found else slug
