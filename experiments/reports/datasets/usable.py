"""Room: reports. Dataset versions that an experiment of a project may use, in words for the form."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet

from experiments.data_schema import DataSchema
from experiments.evaluation.split_columns import SplitColumn
from experiments.models import DatasetVersion, Experiment, Project
from experiments.reports.datasets.checks import checks_of


@dataclass(frozen=True, slots=True)
class DataChoice:
    """One ready version of a dataset. `built_in`: everybody may use it.

    class_counts: rows of each class, in the order of the schema; empty for a regression. columns:
    what rows can be grouped or ordered by. checks: what the checks of the data found, in a line.
    """

    pk: int
    dataset_pk: int
    name: str
    number: int
    built_in: bool
    schema: DataSchema
    class_counts: tuple[int, ...] = ()
    columns: tuple[SplitColumn, ...] = ()
    checks: str = ""

    @property
    def label(self) -> str:
        return f"{self.name} v{self.number}"

    @property
    def words(self) -> str:
        """Size, inputs, task and test part in a line."""
        parts = [self._inputs(), self._task()]
        if self.schema.test_rows:
            parts.append(f"locked test set ({self.schema.test_rows:,})")
        return " · ".join(parts)

    def _inputs(self) -> str:
        rows = f"{self.schema.rows + self.schema.test_rows:,}"
        if self.schema.kind == "table":
            counts = {"number": len(self.schema.numbers), "category": len(self.schema.categories)}
            kinds = [f"{count} {kind}" for kind, count in counts.items() if count]
            many = "" if sum(counts.values()) == 1 else "s"
            return f"{rows} rows, {' and '.join(kinds)} column{many}"
        if self.schema.kind == "text":
            return f"{rows} texts of up to {self.schema.shape[0]} words"
        shape = "×".join(str(side) for side in self.schema.shape)
        return f"{rows} {'images' if self.schema.kind == 'image' else 'rows of'} {shape}"

    def _task(self) -> str:
        if self.schema.more_targets:
            return f"targets {', '.join(target.name for target in self.schema.targets)}"
        if self.schema.task == "regression":
            return f"regression of {self.schema.target}" if self.schema.target else "regression"
        return f"{self.schema.classes_count} classes"


def usable_data(project: Project) -> tuple[DataChoice, ...]:
    """Every ready version, the newest of each dataset first; one query."""
    versions = _described(
        DatasetVersion.objects.filter(
            Q(dataset__project=project) | Q(dataset__project=None),
            state=DatasetVersion.State.READY,
            dataset__archived=None,
        )
    )
    return tuple(_choice(version) for version in versions)


def data_of(experiment: Experiment) -> DataChoice:
    """The version that an experiment runs on, whatever became of its dataset; one query."""
    return _choice(
        _described(DatasetVersion.objects.filter(pk=experiment.dataset_version_id)).get()
    )


def _described(versions: QuerySet[DatasetVersion]) -> QuerySet[DatasetVersion]:
    return (
        versions.select_related("dataset")
        .defer("profile")
        .annotate(
            class_counts=F("profile__class_counts"),
            split_columns=F("profile__split_columns"),
            checks=F("profile__checks"),
            warnings=F("profile__warnings"),
        )
        .order_by("dataset__name", "dataset", "-number")
    )


def _choice(version: Any) -> DataChoice:
    kept = {"checks": version.checks, "warnings": version.warnings}
    return DataChoice(
        pk=version.pk,
        dataset_pk=version.dataset_id,
        name=version.dataset.name,
        number=version.number,
        built_in=version.dataset.project_id is None,
        schema=DataSchema.from_dict(version.schema),
        class_counts=tuple(one["count"] for one in version.class_counts or ()),
        columns=tuple(SplitColumn(**column) for column in version.split_columns or ()),
        checks=checks_of({name: found for name, found in kept.items() if found}).summary,
    )


def ready_digests(names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The newest ready version of each built-in set of these names, by its digest."""
    ready = DatasetVersion.objects.filter(
        dataset__built_in__in=names, state=DatasetVersion.State.READY
    )
    found = dict(ready.order_by("number").values_list("dataset__built_in", "digest"))
    return tuple(found.items())
