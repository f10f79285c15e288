"""Access tokens: create, look up by digest, revoke."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from experiments.models import AccessToken, Experiment, Membership, Project, Role
from experiments.services.site import activity

PREFIX: Final = "ts_"
TEXT: Final = re.compile(r"[A-Za-z0-9_-]{20,200}")
SHOWN: Final = 8  # characters that people recognise a token by
USED_EVERY: Final = timedelta(minutes=1)
FORBIDDEN: Final = "chief"  # in a worker's name it makes KerasTuner start a server of its own

Reason = Literal["unknown", "expired", "revoked", "foreign", "no right"]
WORDS: Final[dict[Reason, str]] = {
    "unknown": "Unknown token. Copy it again, or create a new one.",
    "expired": "This token has expired. Create a new one on the project's page Tokens.",
    "revoked": "This token was revoked. Create a new one on the project's page Tokens.",
    "foreign": "This token belongs to another project or experiment.",
    "no right": "The user of this token may no longer edit the project.",
}


class TokenRefused(Exception):
    """Why a token is refused, with the fix."""

    def __init__(self, reason: Reason) -> None:
        """`reason` for programs, the text for people."""
        super().__init__(WORDS[reason])
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class Bearer:
    """The user and project that a request's token acts for. experiment: key of the only one, or None."""

    token: int
    person: User
    project: Project
    experiment: int | None

    def allows(self, experiment: Experiment) -> bool:
        if self.experiment is not None:
            return self.experiment == experiment.pk
        return experiment.project_id == self.project.pk


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just made: the only time that its text is known."""

    record: AccessToken
    text: str


def create_token(
    project: Project,
    name: str,
    *,
    by: User,
    experiment: Experiment | None = None,
    expires: datetime | None = None,
) -> NewToken:
    """Make a token that acts for `by`. Its text is in the answer and nowhere else."""
    text = _new_text()
    with transaction.atomic():
        record = AccessToken.objects.create(
            project=project,
            experiment=experiment,
            person=by,
            name=name[:80],
            digest=digest_of(text),
            start=text[:SHOWN],
            expires=expires,
        )
        words = f"Created the token {record}"
        activity.record("token.created", words, project=project, experiment=experiment, user=by)
    return NewToken(record, text)


def revoke_token(token: AccessToken, *, by: User) -> bool:
    """Make it invalid; False when it was revoked before."""
    with transaction.atomic():
        revoked = AccessToken.objects.filter(pk=token.pk, revoked=None).update(
            revoked=Now(), revoked_by=by
        )
        if revoked:
            activity.record(
                "token.revoked", f"Revoked the token {token}", project=token.project, user=by
            )
    token.refresh_from_db()
    return bool(revoked)


def authenticate(text: str, *, experiment: Experiment | None = None) -> Bearer:
    """Return the user that the token acts for. experiment: the one it must be valid for. Raises:
    TokenRefused.

    The lookup is by digest, so that its duration reveals nothing.
    """
    token = _find(text)
    if token.revoked is not None:
        raise TokenRefused("revoked")
    if token.expires is not None and token.expires <= timezone.now():
        raise TokenRefused("expired")
    if not _may_edit(token.person, token.project):
        raise TokenRefused("no right")
    bearer = Bearer(token.pk, token.person, token.project, token.experiment_id)
    if experiment is not None and not bearer.allows(experiment):
        raise TokenRefused("foreign")
    _note_use(token)
    return bearer


def digest_of(text: str) -> str:
    """What is kept of a token. A long random text needs no slow hash."""
    return hashlib.sha256(text.encode()).hexdigest()


def _find(text: str) -> AccessToken:
    if not TEXT.fullmatch(text):
        raise TokenRefused("unknown")
    digest = digest_of(text)
    token = AccessToken.objects.select_related("person", "project").filter(digest=digest).first()
    if token is None or not hmac.compare_digest(token.digest, digest):
        raise TokenRefused("unknown")
    return token


def _may_edit(person: User, project: Project) -> bool:
    if not person.is_active:
        return False
    if person.is_superuser:
        return True
    roles = [role.value for role in Role if role.covers(Role.EDITOR)]
    return Membership.objects.filter(user=person, project=project, role__in=roles).exists()


def _note_use(token: AccessToken) -> None:
    """When it was last used, to the minute: a script sends many requests a second."""
    before = timezone.now() - USED_EVERY
    if token.used is None or token.used < before:
        unused = Q(used=None) | Q(used__lt=before)
        AccessToken.objects.filter(unused, pk=token.pk).update(used=Now())


def _new_text() -> str:
    """192 random bits in letters that file names and addresses take."""
    while True:
        text = PREFIX + secrets.token_urlsafe(24)
        if FORBIDDEN not in text.lower():
            return text
