"""Reports: custom code of a project, and its versions. Imports models."""

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count

from experiments.models import Experiment, HyperModel, HyperModelVersion, Project
from experiments.reports.site.workers import trial_workers
from experiments.search.strategies.custom import OwnStrategies, own_slug, version_of, words_of

CODE = HyperModel.Kind.CODE
MOST_DIFF_LINES = 2_000
PART_STATES = {True: "passed", False: "failed"}


@dataclass(frozen=True, slots=True)
class CodeLine:
    """Custom code in a list. chosen_as: opens the form of an experiment with the newest version that was read."""

    model: HyperModel
    newest: HyperModelVersion
    chosen_as: str

    @property
    def rows(self) -> int:
        return len(self.newest.reading.get("rows", ()))


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version. used_by: how many experiments."""

    version: HyperModelVersion
    used_by: int


@dataclass(frozen=True, slots=True)
class PartLine:
    """A part of custom code. state: passed, failed, or empty before a check; message: what was tried."""

    label: str
    name: str
    line: int
    state: str
    message: str
    traceback: str


@dataclass(frozen=True, slots=True)
class CodeChoice:
    """A version of custom code that an experiment may search."""

    version: int
    name: str


class CodeShelf(Mapping[int, Mapping[str, Any]]):
    """The recipes of a project's code by version, each loaded on first use."""

    def __init__(self, project_pk: int) -> None:
        self._project = project_pk
        self._loaded: dict[int, Mapping[str, Any]] = {}
        self._strategies: OwnStrategies | None = None

    def __getitem__(self, version: int) -> Mapping[str, Any]:
        if version not in self._loaded:
            found = read_versions(self._project).filter(pk=version).first()
            if found is None:
                raise KeyError(version)
            self._loaded[version] = found.layers[0]
        return self._loaded[version]

    def __contains__(self, version: object) -> bool:
        if not isinstance(version, int) or not 0 < version < 2**63:
            return False
        try:
            return bool(self[version])
        except KeyError:
            return False

    def choices(self) -> tuple[CodeChoice, ...]:
        """What a new experiment offers: the newest version of each code that can be searched."""
        found: dict[str, CodeChoice] = {}
        for version, name in read_versions(self._project).values_list("pk", "hypermodel__name"):
            found.setdefault(name, CodeChoice(version, name))
        return tuple(found.values())

    @property
    def strategies(self) -> OwnStrategies:
        """The project's samplers, tuners and pruners that could be read, by the name in a plan; one query.

        Listing them gives the newest version of each; older ones are found by name.
        """
        if self._strategies is None:
            self._strategies = own_strategies(self._project)
        return self._strategies

    def __iter__(self) -> Iterator[int]:
        return iter(read_versions(self._project).values_list("pk", flat=True))

    def __len__(self) -> int:
        return int(read_versions(self._project).count())


class Versions(dict[str, type]):
    """The newest versions in a dict; any other version that was read can be taken too."""

    def __init__(self, newest: Mapping[str, type], every: Mapping[str, type]) -> None:
        super().__init__(newest)
        self._every = every

    def __missing__(self, slug: str) -> type:
        return self._every[slug]

    def __contains__(self, slug: object) -> bool:
        return slug in self._every


def own_strategies(project_pk: int) -> OwnStrategies:
    """A project's own samplers, tuners and pruners."""
    found = HyperModelVersion.objects.filter(
        hypermodel__project=project_pk,
        hypermodel__kind__in=HyperModel.STRATEGIES,
        reading__state="read",
    ).order_by("hypermodel__name", "-number")
    newest: dict[bool, dict[str, type]] = {True: {}, False: {}}
    every: dict[bool, dict[str, type]] = {True: {}, False: {}}
    seen: set[str] = set()
    rows = found.values_list("pk", "number", "hypermodel__name", "hypermodel__kind", "reading")
    for pk, number, name, kind, reading in rows:
        strategy, prunes = reading["strategy"], kind == HyperModel.Kind.PRUNER
        slug, words = own_slug(strategy["slug"], pk), words_of(strategy, f"{name} v{number}")
        every[prunes][slug] = words
        if name not in seen:
            newest[prunes][slug] = words
            seen.add(name)
    return OwnStrategies(
        samplers=Versions(newest[False], every[False]), pruners=Versions(newest[True], every[True])
    )


def read_versions(project_pk: int) -> Any:
    """Versions of the project's code whose space was read, the newest first."""
    return HyperModelVersion.objects.filter(
        hypermodel__project=project_pk, hypermodel__kind=CODE, reading__state="read"
    ).order_by("hypermodel__name", "-number")


def code_lines(project: Project) -> tuple[CodeLine, ...]:
    """The project's custom code, by name; two queries."""
    models = project.hypermodels.filter(kind__in=HyperModel.WRITTEN).order_by("name")
    newest: dict[int, HyperModelVersion] = {}
    chosen: dict[int, str] = {}
    versions = HyperModelVersion.objects.filter(hypermodel__in=models).select_related("created_by")
    for version in versions.defer("source", "layers").order_by("-number"):
        newest.setdefault(version.hypermodel_id, version)
        if version.reading.get("state") == "read":
            chosen.setdefault(version.hypermodel_id, chosen_as(version))
    return tuple(
        CodeLine(model, newest[model.pk], chosen.get(model.pk, ""))
        for model in models
        if model.pk in newest
    )


def chosen_as(version: HyperModelVersion) -> str:
    """The query that opens the form of a new experiment with a version that was read."""
    strategy = version.reading.get("strategy")
    if not strategy:
        return f"model=code-{version.pk}"
    role = "pruner" if strategy["role"] == "pruner" else "sampler"
    return urlencode({role: own_slug(strategy["slug"], version.pk)})


def version_lines(model: HyperModel) -> tuple[VersionLine, ...]:
    """Its versions, the newest first; one query, two of what isn't a model."""
    found = model.versions.select_related("created_by").defer("source", "layers")
    searches = _searches_by(model) if model.kind in HyperModel.STRATEGIES else {}
    return tuple(
        VersionLine(version, version.used_by + searches.get(version.pk, 0))
        for version in found.annotate(used_by=Count("experiments")).order_by("-number")
    )


def _searches_by(model: HyperModel) -> Counter[int]:
    """How many experiments name each version as their sampler or pruner."""
    role = "pruner" if model.kind == HyperModel.Kind.PRUNER else "sampler"
    named = Experiment.objects.filter(project=model.project_id, **{f"{role}__contains": "@"})
    found = (version_of(slug) for slug in named.values_list(role, flat=True))
    return Counter(pk for pk in found if pk is not None)


def part_lines(version: HyperModelVersion) -> tuple[PartLine, ...]:
    """What a version brings: as it was checked last, else as it was read."""
    checked = version.checks.get("parts")
    return tuple(
        PartLine(
            label=part["label"],
            name=part["name"],
            line=part["line"],
            state=PART_STATES.get(part.get("passed"), ""),
            message=part.get("message", ""),
            traceback=part.get("traceback", ""),
        )
        for part in checked or version.reading.get("parts", [])
    )


def difference(old: str, new: str) -> tuple[tuple[str, str], ...]:
    """Lines of a diff, each with what it is: added, removed, kept or place."""
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=3)
    kinds = {"+": "added", "-": "removed", "@": "place"}
    body = [line for line in lines if not line.startswith(("+++", "---"))]
    return tuple((kinds.get(line[:1], "kept"), line) for line in body[:MOST_DIFF_LINES])


def isolation_words() -> tuple[str, ...]:
    """How the workers that report keep code apart, each answer once."""
    found = trial_workers().exclude(isolation="").values_list("isolation", flat=True)
    return tuple(sorted(set(found)))
