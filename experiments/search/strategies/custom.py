"""Samplers and pruners that are code of a project, as forms and plans see them.

What they do is asked in their sandbox; here are only their words and options, as a class without deeds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, make_dataclass
from typing import Any

from experiments.search.strategy import option


@dataclass(frozen=True, slots=True)
class OwnStrategies:
    """By the name that an experiment gives them: search/own_slugs.py."""

    samplers: Mapping[str, type] = field(default_factory=dict)
    pruners: Mapping[str, type] = field(default_factory=dict)


def words_of(told: Mapping[str, Any], name: str) -> type:
    """A class with the slug, label, help and options that a version told when it was read."""
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
        for each in told["options"]
    ]
    words = {"slug": told["slug"], "label": f"{told['label']} ({name})", "help": told["help"]}
    return make_dataclass("OwnStrategy", fields, frozen=True, namespace=words)
