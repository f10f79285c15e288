"""Custom samplers and pruners of a project, as forms and plans see them.

They run in their sandbox; here are only their words and options, as a class without methods.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, make_dataclass
from typing import Any, Final

from experiments.search.strategy import option


@dataclass(frozen=True, slots=True)
class OwnStrategies:
    """By the name that an experiment gives them: see `own_slug`."""

    samplers: Mapping[str, type] = field(default_factory=dict)
    pruners: Mapping[str, type] = field(default_factory=dict)


def words_of(description: Mapping[str, Any], name: str) -> type:
    """A class with the slug, label, help and options of a version of custom code."""
    fields = [
        (
            each["name"],
            type(each["default"]),
            option(
                each["default"],
                label=each["label"],
                help=each["help"],
                lowest=each["lowest"],
                highest=each["highest"],
                choices=tuple(each["choices"]),
            ),
        )
        for each in description["options"]
    ]
    words = {
        "slug": description["slug"],
        "label": f"{description['label']} ({name})",
        "help": description["help"],
    }
    return make_dataclass("OwnStrategy", fields, frozen=True, namespace=words)


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
    return f"{found[1].replace('_', ' ').capitalize()} (custom code)" if found else slug
