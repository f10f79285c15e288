"""Room: reports. The search page: experiments, datasets and projects that hold the words."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from experiments.models import Dataset, Experiment, Project
from experiments.reports.experiments.filters import containing
from experiments.reports.site.projects import ExperimentLine, experiment_lines

MOST_FOUND = 30
LONGEST_TEXT = 200


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
        """Whether nothing was found."""
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
    for word in text.split()[:8]:
        held = Q(name__icontains=word) | Q(description__icontains=word)
        datasets, projects = datasets.filter(held), projects.filter(held)
    return Found(
        text=text,
        experiments=found[:MOST_FOUND],
        datasets=tuple(datasets.select_related("project").distinct()[:MOST_FOUND]),
        projects=tuple(projects.distinct()[:MOST_FOUND]),
        more=len(found) > MOST_FOUND,
    )
