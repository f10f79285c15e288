"""Room: reports. Lists of experiments and projects, in a fixed number of queries whatever their length."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, When

from experiments.evaluation.protocol import Protocol
from experiments.models import Experiment, Membership, Project, Purpose, Role, Trial
from experiments.reports.experiments.head import protocol_words

SEARCHES = Q(experiments__purpose=Purpose.SEARCH)


@dataclass(frozen=True, slots=True)
class ExperimentLine:
    """One experiment in a list. `best` is the incumbent's score, `spread` over its executions."""

    code: UUID
    name: str
    state: str
    project_slug: str
    project_name: str
    data: str
    model: str
    protocol: str
    sampler: str
    objective: str
    direction: str
    best: float | None
    spread: float | None
    executions: int
    settled: int
    failed: int
    planned: int
    seconds_used: float
    reason: str
    person: str
    tags: tuple[str, ...]
    archived: bool
    updated: datetime

    @property
    def percent(self) -> int:
        """Share of the planned trials that are settled, in whole percents."""
        return min(100, round(100 * self.settled / self.planned)) if self.planned else 0


@dataclass(frozen=True, slots=True)
class ProjectLine:
    """One project in the list of a person's projects."""

    slug: str
    name: str
    description: str
    role: str
    members: int
    experiments: int
    running: int
    archived: bool


@dataclass(frozen=True, slots=True)
class _Counts:
    settled: int
    failed: int


def running_first(experiments: QuerySet[Experiment]) -> QuerySet[Experiment]:
    """Order a list: what runs, then what was changed last."""
    return experiments.order_by(
        Case(
            When(state__in=Experiment.ACTIVE, then=0),
            default=1,
            output_field=IntegerField(),
        ),
        "-updated",
        "-pk",
    )


def experiment_lines(experiments: QuerySet[Experiment]) -> tuple[ExperimentLine, ...]:
    """Shape experiments for a list: two queries, however many there are."""
    found = list(
        experiments.select_related(
            "project",
            "dataset_version__dataset",
            "hypermodel_version__hypermodel",
            "best_trial",
            "created_by",
        )
    )
    counts = _counts(experiment.pk for experiment in found)
    nothing = _Counts(0, 0)
    return tuple(_line(each, counts.get(each.pk, nothing)) for each in found)


def project_lines(projects: QuerySet[Project], user_pk: int) -> tuple[ProjectLine, ...]:
    """Shape projects for the list of a person: three queries."""
    counted = list(
        projects.annotate(
            experiments_count=Count(
                "experiments", filter=Q(experiments__archived=None) & SEARCHES, distinct=True
            ),
            running_count=Count(
                "experiments",
                filter=Q(experiments__state__in=Experiment.ACTIVE) & SEARCHES,
                distinct=True,
            ),
        ).order_by(F("archived").asc(nulls_first=True), "name")
    )
    members = Membership.objects.filter(project__in=counted).values_list("project").order_by()
    sizes = dict(members.annotate(n=Count("pk")))
    roles = dict(
        Membership.objects.filter(project__in=counted, user=user_pk).values_list("project", "role")
    )
    return tuple(
        ProjectLine(
            slug=project.slug,
            name=project.name,
            description=project.description,
            role=roles.get(project.pk, "administrator"),
            members=sizes.get(project.pk, 0),
            experiments=project.experiments_count,
            running=project.running_count,
            archived=project.archived is not None,
        )
        for project in counted
    )


def member_rows(project: Project) -> tuple[Membership, ...]:
    """Members in the order of what they may do, then by name."""
    order = list(Role)
    found = project.memberships.select_related("user").order_by("user__username")
    return tuple(sorted(found, key=lambda membership: order.index(Role(membership.role))))


def _counts(experiment_pks: Iterable[int]) -> dict[int, _Counts]:
    rows = (
        Trial.objects.filter(experiment__in=list(experiment_pks))
        .values("experiment")
        .order_by()
        .annotate(
            settled=Count("pk", filter=Q(state__in=Trial.TERMINAL)),
            failed=Count("pk", filter=Q(state=Trial.State.FAILED)),
        )
    )
    return {row["experiment"]: _Counts(row["settled"], row["failed"]) for row in rows}


def _line(experiment: Experiment, counts: _Counts) -> ExperimentLine:
    best = experiment.best_trial
    version = experiment.dataset_version
    protocol = Protocol.from_dict(experiment.protocol)
    return ExperimentLine(
        code=experiment.code,
        name=experiment.name,
        state=experiment.state,
        project_slug=experiment.project.slug,
        project_name=experiment.project.name,
        data="elsewhere"
        if experiment.is_elsewhere
        else f"{version.dataset.name} v{version.number}",
        model="" if experiment.is_elsewhere else experiment.hypermodel_version.hypermodel.name,
        protocol=protocol_words(experiment),
        sampler=experiment.sampler,
        objective=experiment.objective,
        direction=experiment.direction,
        best=best.score if best else None,
        spread=best.spread if best else None,
        executions=protocol.executions,
        settled=counts.settled,
        failed=counts.failed,
        planned=experiment.max_trials,
        seconds_used=experiment.seconds_used,
        reason=experiment.state_reason,
        person=experiment.created_by.get_username() if experiment.created_by else "",
        tags=tuple(str(tag) for tag in experiment.tags),
        archived=experiment.archived is not None,
        updated=experiment.updated,
    )
