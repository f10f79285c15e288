"""Reports: experiments, datasets and projects that contain the words, for the search page and the palette."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from experiments.models import Dataset, Experiment, Project
from experiments.reports.experiments.filters import containing
from experiments.reports.site.projects import ExperimentLine, experiment_lines

MOST_FOUND = 30
LONGEST_TEXT = 200
MOST_OF_EACH = 5  # in the palette
MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Found:
    """What the search found; `more` says that experiments were left off."""

    text: str
    experiments: tuple[ExperimentLine, ...] = ()
    datasets: tuple[Dataset, ...] = ()
    projects: tuple[Project, ...] = ()
    more: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.experiments or self.datasets or self.projects)


@dataclass(frozen=True, slots=True)
class Visible:
    """What the person may see: the ground that the search walks."""

    experiments: QuerySet[Experiment]
    datasets: QuerySet[Dataset]
    projects: QuerySet[Project]


def search(text: str, visible: Visible) -> Found:
    """Find every word of `text` in names, notes, tags, hyperparameter names and descriptions."""
    text = text.replace("\0", "").strip()[:LONGEST_TEXT]
    if not text:
        return Found("")
    found = experiment_lines(
        containing(visible.experiments, text).order_by("-updated")[: MOST_FOUND + 1]
    )
    datasets, projects = visible.datasets, visible.projects
    for word in text.split()[:MOST_WORDS]:
        contained = Q(name__icontains=word) | Q(description__icontains=word)
        datasets, projects = datasets.filter(contained), projects.filter(contained)
    return Found(
        text=text,
        experiments=found[:MOST_FOUND],
        datasets=tuple(datasets.select_related("project").distinct()[:MOST_FOUND]),
        projects=tuple(projects.distinct()[:MOST_FOUND]),
        more=len(found) > MOST_FOUND,
    )


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
    contained = Q()
    for word in words:
        contained &= Q(name__icontains=word)
    return records.filter(contained).distinct()
