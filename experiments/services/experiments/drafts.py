"""Drafts of the new-experiment form, saved while somebody types."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from experiments.models import Draft, Project
from experiments.services.experiments.edits import StaleEdit


def save_draft(project: Project, user: User, body: dict[str, Any], revision: int) -> Draft:
    """Keep the form as typed. `revision` 0 means that the browser knows of no draft yet.

    Raises: StaleEdit when another tab saved in between.
    """
    with transaction.atomic():
        # Locks nothing that matters on its own: the conditional UPDATE decides who was first.
        draft = Draft.objects.filter(project=project, user=user).first()
        if draft is None:
            return Draft.objects.create(project=project, user=user, body=body)
        saved = Draft.objects.filter(pk=draft.pk, revision=revision).update(
            body=body, revision=F("revision") + 1, updated=Now()
        )
        draft.refresh_from_db()
        if not saved:
            raise StaleEdit(draft)
    return draft


def discard_draft(project: Project, user: User) -> None:
    """Forget the person's draft in the project, for example when it has become an experiment."""
    Draft.objects.filter(project=project, user=user).delete()
