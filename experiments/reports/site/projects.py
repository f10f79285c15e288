"""Room: reports. Lists of experiments and projects, in a fixed number of queries whatever their length."""

from dataclasses import dataclass

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, When

from experiments.evaluation.expected_words import ExpectedScore, expected_score
from experiments.models import Experiment, Membership, Project, Purpose, Role, Trial
from experiments.reports.experiments.head import executions_of, protocol_words

SEARCHES = Q(experiments__purpose=Purpose.SEARCH)


@dataclass(frozen=True, slots=True)
class ExperimentLine:
    """One experiment in a list.

    best: the best search score; spread: over its executions. expected: of the same trial on new rows.
    """

    experiment: Experiment
    data: str
    model: str
    protocol: str
    best: float | None
    spread: float | None
    expected: ExpectedScore
    executions: int
    settled: int
    failed: int

    @property
    def percent(self) -> int:
        """Share of the planned trials that are settled, in whole percents."""
        return min(100, round(100 * self.settled / max(1, self.experiment.max_trials)))


@dataclass(frozen=True, slots=True)
class ProjectLine:
    """One project in the list of a person's projects."""

    project: Project
    role: str
    members: int
    experiments: int
    running: int


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
    rows = Trial.objects.filter(experiment__in=found).order_by().values_list("experiment")
    counted = rows.annotate(
        settled=Count("pk", filter=Q(state__in=Trial.TERMINAL)),
        failed=Count("pk", filter=Q(state=Trial.State.FAILED)),
    )
    counts = {pk: (settled, failed) for pk, settled, failed in counted}
    return tuple(_line(each, *counts.get(each.pk, (0, 0))) for each in found)


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
            project=each,
            role=roles.get(each.pk, "administrator"),
            members=sizes.get(each.pk, 0),
            experiments=each.experiments_count,
            running=each.running_count,
        )
        for each in counted
    )


def member_rows(project: Project) -> tuple[Membership, ...]:
    """Members in the order of what they may do, then by name."""
    order = list(Role)
    found = project.memberships.select_related("user").order_by("user__username")
    return tuple(sorted(found, key=lambda membership: order.index(Role(membership.role))))


def _line(experiment: Experiment, settled: int, failed: int) -> ExperimentLine:
    best, is_here = experiment.best_trial, not experiment.is_elsewhere
    return ExperimentLine(
        experiment=experiment,
        data=experiment.training_data.name if is_here else "elsewhere",
        model=experiment.hypermodel_version.hypermodel.name if is_here else "",
        protocol=protocol_words(experiment),
        best=best.score if best else None,
        spread=best.spread if best else None,
        expected=expected_score(
            best.expected if best else {}, higher_is_better=experiment.direction == "maximize"
        ),
        executions=executions_of(experiment),
        settled=settled,
        failed=failed,
    )
