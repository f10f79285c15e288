"""Writes to projects and their memberships."""

import itertools
from collections.abc import Collection

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.text import slugify

from experiments.models import Membership, Project, Role
from experiments.services.experiments.edits import StaleEdit
from experiments.services.site import activity

# Slugs that would shadow a page of their own below /projects/.
RESERVED_SLUGS = frozenset({"new"})


class LastOwner(Exception):
    """A project keeps at least one owner."""


class AlreadyMember(Exception):
    """The person is a member already."""


def create_project(name: str, description: str, *, by: User) -> Project:
    """A new project with `by` as its owner; its slug follows from the name."""
    with transaction.atomic():
        project = Project.objects.create(slug=_free_slug(name), name=name, description=description)
        Membership.objects.create(project=project, user=by, role=Role.OWNER)
        activity.record("project.created", f"Created project {name}", project=project, user=by)
    return project


def edit_project(
    project: Project, name: str, description: str, *, revision: int, by: User
) -> Project:
    """Change name and description; raise StaleEdit when `revision` is not the current one."""
    with transaction.atomic():
        edited = Project.objects.filter(pk=project.pk, revision=revision).update(
            name=name, description=description, revision=F("revision") + 1
        )
        project.refresh_from_db()
        if not edited:
            raise StaleEdit(project)
        activity.record("project.edited", f"Edited project {name}", project=project, user=by)
    return project


def add_member(project: Project, user: User, role: Role, *, by: User) -> Membership:
    """Let `user` in; raise AlreadyMember when they are."""
    with transaction.atomic():
        membership, created = Membership.objects.get_or_create(
            project=project, user=user, defaults={"role": role}
        )
        if not created:
            raise AlreadyMember(f"{user.get_username()} is already a member.")
        text = f"Added {user.get_username()} as {role.value}"
        activity.record("member.added", text, project=project, user=by)
    return membership


def change_role(membership: Membership, role: Role, *, by: User) -> Membership:
    """Give a member another role; raise LastOwner when no owner would be left."""
    with transaction.atomic():
        _keep_an_owner(membership, role)
        Membership.objects.filter(pk=membership.pk).update(role=role)
        membership.refresh_from_db()
        text = f"Changed the role of {membership.user.get_username()} to {role.value}"
        activity.record("member.changed", text, project=membership.project, user=by)
    return membership


def remove_member(membership: Membership, *, by: User) -> None:
    """Take a member out; raise LastOwner when no owner would be left."""
    with transaction.atomic():
        _keep_an_owner(membership, None)
        is_own = membership.user_id == by.pk
        text = "Left the project" if is_own else f"Removed {membership.user.get_username()}"
        activity.record("member.removed", text, project=membership.project, user=by)
        membership.delete()


def archive_project(project: Project, *, by: User) -> None:
    """Put the project out of the lists; nothing is deleted."""
    with transaction.atomic():
        if Project.objects.filter(pk=project.pk, archived=None).update(archived=Now()):
            text = f"Archived project {project.name}"
            activity.record("project.archived", text, project=project, user=by)
    project.refresh_from_db()


def restore_project(project: Project, *, by: User) -> None:
    """Restore an archived project."""
    with transaction.atomic():
        if Project.objects.filter(pk=project.pk, archived__isnull=False).update(archived=None):
            text = f"Restored project {project.name}"
            activity.record("project.restored", text, project=project, user=by)
    project.refresh_from_db()


def lock_project(project_pk: int) -> None:
    """Let nobody else who locks the project go on until the transaction ends.

    Like every lock of a row here it leaves the row's key alone: rows that only refer to it, like
    the activity of its searches, are written meanwhile, in whichever order they lock.
    """
    Project.objects.select_for_update(no_key=True).get(pk=project_pk)


def _keep_an_owner(membership: Membership, role: Role | None) -> None:
    """Lock the project's owners, so that two owners cannot both step down at once."""
    if membership.role != Role.OWNER or role == Role.OWNER:
        return
    owners = list(
        Membership.objects.select_for_update(no_key=True)
        .filter(project=membership.project_id, role=Role.OWNER)
        .values_list("pk", flat=True)
    )
    if owners == [membership.pk]:
        raise LastOwner("A project needs at least one owner.")


def _free_slug(name: str) -> str:
    """The name's slug, with a number behind it when it is taken."""
    base = slugify(name)[:50].strip("-") or "project"
    taken = Project.objects.filter(slug__startswith=base).values_list("slug", flat=True)
    return numbered(base, RESERVED_SLUGS.union(taken))


def numbered(slug: str, taken: Collection[str]) -> str:
    """The slug; where it is taken, with the first free number from 2 on."""
    every = itertools.chain([slug], (f"{slug}-{number}" for number in itertools.count(2)))
    return next(each for each in every if each not in taken)
