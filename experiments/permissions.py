"""Permissions: 404 to strangers, 403 below the role.

Strangers get a 404, so that they cannot learn what exists; members below the role get a 403.
"""

from typing import TypeVar
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest

from experiments.models import Dataset, Experiment, Membership, Project, Report, Role, Trial

Person = User | AnonymousUser
T = TypeVar("T", bound=Model)


def signed_in(request: HttpRequest) -> User:
    """The person behind the request, as a type that services take: LoginRequiredMiddleware lets nobody else in."""
    if not isinstance(request.user, User):
        raise PermissionDenied("Sign in first.")
    return request.user


def role_in(user: Person, project: Project) -> Role | None:
    """The person's role in the project; superusers count as owners, strangers have none."""
    if not user.is_active or isinstance(user, AnonymousUser):
        return None
    if user.is_superuser:
        return Role.OWNER
    membership = Membership.objects.filter(project=project, user=user).first()
    return Role(membership.role) if membership else None


def may(user: Person, project: Project, role: Role) -> bool:
    """Whether the person's role in the project covers `role`."""
    held = role_in(user, project)
    return held is not None and held.covers(role)


def get_project(user: Person, slug: str, role: Role) -> Project:
    """The project, when the person's role in it covers `role`."""
    project = _found(Project.objects.filter(slug=slug), "project")
    _require(user, project, role)
    return project


def get_experiment(user: Person, code: UUID, role: Role) -> Experiment:
    """The experiment, when the person's role in its project covers `role`."""
    experiments = Experiment.objects.select_related(
        "project",
        "dataset_version__dataset",
        "hypermodel_version__hypermodel",
        "best_trial",
        "recommended_trial",
        "created_by",
        "follows",
    )
    experiment = _found(experiments.filter(code=code), "experiment")
    _require(user, experiment.project, role)
    return experiment


def last_event(user: Person, code: UUID, role: Role) -> Experiment:
    """The experiment with its project and `event_serial` alone, for what is asked every second."""
    experiments = Experiment.objects.select_related("project").only("event_serial", "project")
    experiment = _found(experiments.filter(code=code), "experiment")
    _require(user, experiment.project, role)
    return experiment


def get_trial(user: Person, code: UUID, number: int, role: Role) -> Trial:
    """The experiment's trial of that number, when the person's role covers `role`."""
    experiment = get_experiment(user, code, role)
    # A number beyond the column's range is no trial, not a database error.
    trial = _found(experiment.trials.filter(number=min(number, 2**31 - 1)), "trial")
    trial.experiment = experiment
    return trial


def get_report(user: Person, code: UUID, role: Role, *, deleted: bool = False) -> Report:
    """The report, when the person's role in its project covers `role`; `deleted`: also such a one."""
    reports = Report.objects.select_related("project", "author", "saved_by")
    report = reports.filter(code=code).first()
    if report is None or (report.deleted and not deleted):
        raise Http404("No such report.")
    _require(user, report.project, role)
    return report


def visible_projects(user: Person) -> QuerySet[Project]:
    """Projects that the person is a member of; all for superusers."""
    if isinstance(user, AnonymousUser) or not user.is_active:
        return Project.objects.none()
    if user.is_superuser:
        return Project.objects.all()
    return Project.objects.filter(memberships__user=user)


def visible_experiments(user: Person) -> QuerySet[Experiment]:
    """Experiments of the projects that the person sees."""
    return Experiment.objects.filter(project__in=visible_projects(user))


def visible_datasets(user: Person) -> QuerySet[Dataset]:
    """Datasets of the projects that the person sees, and the built-in ones."""
    if isinstance(user, AnonymousUser) or not user.is_active:
        return Dataset.objects.none()
    return Dataset.objects.filter(Q(project=None) | Q(project__in=visible_projects(user)))


def _found(rows: QuerySet[T], noun: str) -> T:
    row = rows.first()
    if row is None:
        raise Http404(f"No such {noun}.")
    return row


def _require(user: Person, project: Project, role: Role) -> None:
    held = role_in(user, project)
    if held is None:
        raise Http404("No such project.")
    if not held.covers(role):
        raise PermissionDenied(f"This needs the role {role.value}; your role is {held.value}.")
