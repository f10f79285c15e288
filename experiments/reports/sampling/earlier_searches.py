"""Searches that a new one could start from, and what would carry over. Room: reports."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from django.db.models import Case, Count, IntegerField, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce

from experiments.models import Experiment, Project, Purpose, SpaceVersion, Trial
from experiments.search.reading import read_code
from experiments.search.space.space import Space
from experiments.search.space.trial_reuse import reasons_in_words, reuse_trials, shared_names

OFFERED: Final = 12  # the newest of a project, those with the same model first
LOOKED_AT: Final = 200  # trials of each that are tried out on the space
MOST_PICKED: Final = 3
LEAST_FITTING: Final = 2  # scored trials that must fit before a search is picked
OVER: Final = (*Experiment.ENDED, Experiment.State.IMPORTED)
# Counted beside each search: a count over a join would sort every trial by every column of its search.
SCORED_TRIALS: Final = (
    Trial.objects.filter(Trial.SCORED, experiment=OuterRef("pk"))
    .order_by()
    .values("experiment")
    .values(scored=Count("pk"))
)


@dataclass(frozen=True, slots=True)
class NewSearch:
    """What the new search is about: slug of its model, key of its data's version, kind of task."""

    model: str
    dataset: int
    task: str


@dataclass(frozen=True, slots=True)
class EarlierSearch:
    """One search to choose. fitting of looked_at trials fit; refusal: why none does.

    about: as of the new search; is_over: it can get no further trial by itself.
    """

    code: str
    name: str
    objective: str
    scored: int
    looked_at: int
    fitting: int
    left_out: str
    shared: int
    chosen: bool
    about: NewSearch
    is_over: bool

    @property
    def refusal(self) -> str:
        """Why nothing carries over; empty where something does."""
        if self.fitting:
            return ""
        return self.left_out or "No scored trials yet"


@dataclass(frozen=True, slots=True)
class EarlierSearches:
    """The list of the form. searched: hyperparameters of the new space; 0 while that is wrong."""

    searches: tuple[EarlierSearch, ...]
    searched: int

    def picked(self, about: NewSearch) -> "EarlierSearches":
        """Those chosen that are most like the new search, at most three, instead of all others."""
        alike = [each for each in self.searches if self._is_alike(each, about)]
        alike.sort(key=lambda each: _nearness(each, about), reverse=True)  # the newest of equals
        codes = {each.code for each in alike[:MOST_PICKED]}
        searches = tuple(replace(each, chosen=each.code in codes) for each in self.searches)
        return replace(self, searches=searches)

    def _is_alike(self, each: EarlierSearch, about: NewSearch) -> bool:
        """Whether its trials teach about the new search: the same task, half of everything shared."""
        return (
            each.is_over
            and each.about.task == about.task
            and each.fitting >= LEAST_FITTING
            and 2 * each.fitting >= each.looked_at
            and 2 * each.shared >= self.searched > 0
        )

    @property
    def chosen(self) -> tuple[EarlierSearch, ...]:
        return tuple(each for each in self.searches if each.chosen)

    @property
    def words(self) -> str:
        """What the chosen ones bring, in a sentence; empty where none is chosen."""
        return " ".join(_words(each) for each in self.chosen) if self.searched else ""


def _nearness(each: EarlierSearch, about: NewSearch) -> tuple[bool, bool, int, int]:
    same_model = each.about.model == about.model
    return same_model, each.about.dataset == about.dataset, each.shared, each.fitting


def earlier_searches(
    project: Project,
    space: Space | None,
    chosen: Collection[str],
    *,
    model: str = "",
    others: int = OFFERED,
) -> EarlierSearches:
    """The chosen ones and the newest others, those of `model` first; three queries, whatever their number."""
    codes = [code for code in map(read_code, chosen) if code is not None]
    found = project.experiments.filter(purpose=Purpose.SEARCH).exclude(
        state=Experiment.State.DRAFT
    )
    related = found.select_related("hypermodel_version__hypermodel", "dataset_version")
    counted = related.annotate(scored=Coalesce(Subquery(SCORED_TRIALS), 0))
    listed = list(counted.filter(code__in=codes))
    if others:
        same = When(hypermodel_version__hypermodel__slug=model, then=Value(1))
        nearness = Case(same, default=Value(0), output_field=IntegerField())
        rest = counted.exclude(code__in=codes).filter(archived=None, scored__gt=0)
        listed += list(rest.order_by(nearness.desc(), "-created", "-pk")[:others])
    if space is None:
        return EarlierSearches(tuple(_search(each, codes) for each in listed), 0)
    trials, rows = _trials(listed), _rows(listed)
    searches = []
    for each in listed:
        reused = reuse_trials(space, trials[each.pk])
        searches.append(
            replace(
                _search(each, codes),
                looked_at=len(trials[each.pk]),
                fitting=len(reused.places),
                left_out=reasons_in_words(reused.reasons),
                shared=len(shared_names(space, rows.get(each.pk, []))),
            )
        )
    return EarlierSearches(tuple(searches), len(space))


def _search(experiment: Any, codes: list[UUID]) -> EarlierSearch:
    """What is known of it without the new space."""
    return EarlierSearch(
        code=str(experiment.code),
        name=experiment.name,
        objective=experiment.objective,
        scored=experiment.scored,
        looked_at=0,
        fitting=0,
        left_out="unknown until the space is fixed",
        shared=0,
        chosen=experiment.code in codes,
        about=_about(experiment),
        is_over=experiment.state in OVER,
    )


def _about(experiment: Any) -> NewSearch:
    version = experiment.dataset_version
    model = experiment.hypermodel_version.hypermodel.slug
    return NewSearch(model=model, dataset=version.pk, task=version.task)


def _trials(experiments: Sequence[Experiment]) -> dict[int, list[Any]]:
    """Values of the first scored trials of each."""
    found: dict[int, list[Any]] = defaultdict(list)
    rows = Trial.objects.filter(Trial.SCORED, experiment__in=experiments, number__lt=LOOKED_AT)
    for pk, values in rows.order_by("experiment", "number").values_list("experiment", "values"):
        found[pk].append(values)
    return found


def _rows(experiments: Sequence[Experiment]) -> dict[int, list[dict[str, Any]]]:
    """The hyperparameters of each one's newest space."""
    versions = SpaceVersion.objects.filter(experiment__in=experiments).order_by("number")
    spaces = versions.values_list("experiment", "space")
    return {pk: space.get("hyperparameters", []) for pk, space in spaces}


def _words(each: EarlierSearch) -> str:
    if each.refusal:
        return f"No trial of {each.name} can be reused: {each.refusal}."
    first = f" first {each.looked_at:,}" if each.looked_at < each.scored else f" {each.scored:,}"
    left = f"; left out: {each.left_out}" if each.left_out else ""
    return f"{each.fitting:,} of the{first} scored trials of {each.name} are reused{left}."
