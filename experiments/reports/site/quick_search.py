"""Reports: the few things whose names hold the words, for the palette. Imports models."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from experiments.reports.site.search import LONGEST_TEXT, Visible

MOST_OF_EACH = 5
MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class QuickFind:
    """One thing: kind (experiment, project, dataset), its keys for an address, name, and where it lies."""

    kind: str
    keys: tuple[Any, ...]
    name: str
    place: str


def quick_search(text: str, visible: Visible) -> tuple[QuickFind, ...]:
    """Find every word of `text` in names alone: three small queries, the newest first."""
    words = text.replace("\0", "").strip()[:LONGEST_TEXT].split()[:MOST_WORDS]
    if not words:
        return ()
    experiments = _named(visible.experiments.filter(archived=None), words).order_by("-updated")
    projects = _named(visible.projects.filter(archived=None), words).order_by("name")
    datasets = _named(visible.datasets.exclude(project=None), words).order_by("-pk")
    return (
        *(
            QuickFind("experiment", (code,), name, place)
            for code, name, place in experiments.values_list("code", "name", "project__name")[
                :MOST_OF_EACH
            ]
        ),
        *(
            QuickFind("project", (slug,), name, "")
            for slug, name in projects.values_list("slug", "name")[:MOST_OF_EACH]
        ),
        *(
            QuickFind("dataset", (slug, key), name, place)
            for slug, key, name, place in datasets.values_list(
                "project__slug", "pk", "name", "project__name"
            )[:MOST_OF_EACH]
        ),
    )


def _named(records: QuerySet[Any], words: list[str]) -> QuerySet[Any]:
    held = Q()
    for word in words:
        held &= Q(name__icontains=word)
    return records.filter(held).distinct()
