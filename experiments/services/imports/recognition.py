"""Recognises a search that was imported before, by its trials."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from django.db.models import Count

from experiments.interop.imported_search import ImportedSearch
from experiments.interop.trial_comparison import Comparison, TrialFacts, compare, facts_of
from experiments.models import Execution, Experiment, Project, Trial
from experiments.services.imports.rows import aware

COMPARED_AT_ONCE: Final = (
    5_000  # trials, of which a slow machine compares five to ten in a millisecond
)
COLUMNS: Final = (
    *("pk", "number", "values", "source", "state", "score", "metrics", "epochs", "started"),
)


@dataclass(frozen=True, slots=True)
class Recognised:
    """An experiment that was imported before, and what the search adds to it. rows: its trials, as they were read.

    is_same: whether it is the same search; else it merely looks alike, and `comparison` says where they differ.
    """

    experiment: Experiment
    rows: Sequence[Mapping[str, Any]]
    comparison: Comparison
    is_same: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an import adds or added, in numbers of trials. skipped: parts of the source that can't be read.

    known: code of the experiment that is updated; alike: of one that merely looks alike, which stays as it is.
    """

    known: str = ""
    alike: str = ""
    added: int = 0
    completed: int = 0
    continued: int = 0
    unchanged: int = 0
    different: int = 0
    skipped: int = 0
    differences: tuple[str, ...] = ()

    @classmethod
    def of(cls, search: ImportedSearch, found: Recognised | None) -> Self:
        """Of a search and what was recognised in the project."""
        skipped, count = len(search.skipped), len(search.trials)
        if found is None:
            return cls(added=count, skipped=skipped)
        code, seen = str(found.experiment.code), found.comparison
        if not found.is_same:
            return cls(
                alike=code,
                added=count,
                different=seen.different,
                skipped=skipped,
                differences=tuple(seen.differences),
            )
        return cls(
            known=code,
            added=len(seen.added),
            completed=seen.completed,
            continued=seen.continued,
            unchanged=seen.unchanged,
            skipped=skipped,
        )

    @property
    def changes(self) -> bool:
        """Whether anything is written."""
        return not self.known or bool(self.added or self.completed or self.continued)

    @property
    def counts(self) -> str:
        """Say in words what is done with how many trials."""
        named = {
            "added": self.added,
            "completed": self.completed,
            "continued": self.continued,
            "unchanged": self.unchanged,
        }
        parts = [f"{count:,} {name}" for name, count in named.items() if count]
        if not self.known or not parts:
            return f"{self.added:,} trial{'s' * (self.added != 1)}"
        first, *rest = parts
        number, _, name = first.partition(" ")
        return ", ".join([f"{number} trial{'s' * (number != '1')} {name}", *rest])


def recognise(project: Project, search: ImportedSearch) -> Recognised | None:
    """The experiment that the search became, else the newest that looks alike."""
    there = [facts_of(trial, aware) for trial in search.trials]
    alike: Recognised | None = None
    candidates = project.experiments.filter(
        state=Experiment.State.IMPORTED, source__format=search.format
    )
    for experiment in candidates.order_by("-pk"):
        found = _compared(experiment, search, there)
        if found is not None and found.is_same:
            return found
        alike = alike or found
    return alike


def is_compared_at_once(project: Project) -> bool:
    """Whether so few trials were imported that a search is recognised while a person waits."""
    imported = Trial.objects.filter(
        experiment__project=project, experiment__state=Experiment.State.IMPORTED
    )
    return imported.count() <= COMPARED_AT_ONCE


def state_of_imports(project: Project) -> list[tuple[int, int, int]]:
    """What changes whenever `recognise` could find something else."""
    imported = project.experiments.filter(state=Experiment.State.IMPORTED)
    counted = imported.annotate(count=Count("trials")).order_by("pk")
    return list(counted.values_list("pk", "event_serial", "count"))


def _compared(
    experiment: Experiment, search: ImportedSearch, there: Sequence[TrialFacts]
) -> Recognised | None:
    """None where nothing in it is like the search. Curves are read only where all else is the same."""
    if _seed(experiment.source) != _seed(search.source):
        return None
    rows = list(experiment.trials.order_by("number").values(*COLUMNS))
    here = [_facts(row) for row in rows]
    by_values = not search.has_ids
    found = compare(here, there, by_values=by_values)
    curves = _curves(experiment) if found.same and not found.different else {}
    if curves:
        here = [
            replace(each, curves=curves.get(row["pk"], {}))
            for each, row in zip(here, rows, strict=True)
        ]
        found = compare(here, there, by_values=by_values)
    if not found.same and not found.is_alike:
        return None
    other = _other_objective(experiment, search)
    if other:
        found.different, found.is_alike = found.different + 1, True
        found.differences.insert(0, other)
    return Recognised(experiment, rows, found, is_same=bool(found.same and not found.different))


def _seed(source: Mapping[str, Any]) -> object:
    """KerasTuner draws one for each project unless it is given."""
    return source.get("oracle", {}).get("seed")


def _facts(row: Mapping[str, Any]) -> TrialFacts:
    source = row["source"]
    return TrialFacts(
        key=str(source.get("id", "")),
        values={**row["values"], **source.get("extra", {})},
        state=row["state"],
        score=row["score"],
        metrics=row["metrics"],
        epochs=row["epochs"],
        started=row["started"],
        is_open=source.get("open", row["state"] == "stopped"),
    )


def _curves(experiment: Experiment) -> dict[int, dict[str, list[float | None]]]:
    stored: Iterable[tuple[int, dict[str, list[float | None]]]] = Execution.objects.filter(
        trial__experiment=experiment
    ).values_list("trial", "history")
    return {pk: history for pk, history in stored if history}


def _other_objective(experiment: Experiment, search: ImportedSearch) -> str:
    """A search without any score may yet find out what its objective is."""
    was, now = (experiment.objective, experiment.direction), (search.objective, search.direction)
    if was == now or experiment.best_trial_id is None or search.best is None:
        return ""
    return f"The objective is {now[0]}, {now[1]} now; {was[0]}, {was[1]} when it was imported."
