"""Reports: the access tokens of a project, as people tell them apart. Reads no text: none is kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.contrib.auth.models import User
from django.utils import timezone

from experiments.models import AccessToken, Experiment, Project


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One token. experiment: the name of the only one that it opens; empty: the whole project."""

    pk: int
    name: str
    start: str
    person: str
    experiment: str
    created: datetime
    expires: datetime | None
    used: datetime | None
    state: Literal["works", "expired", "revoked"]
    is_own: bool


def token_rows(
    project: Project, reader: User, experiment: Experiment | None = None
) -> list[TokenRow]:
    """Newest first, those that work before the others. experiment: only those that open it."""
    found = project.tokens.select_related("person", "experiment")
    rows = [
        _row(token, reader)
        for token in found
        if experiment is None or token.experiment_id in (None, experiment.pk)
    ]
    return sorted(rows, key=lambda row: row.state != "works")


def _row(token: AccessToken, reader: User) -> TokenRow:
    state: Literal["works", "expired", "revoked"] = "works"
    if token.revoked is not None:
        state = "revoked"
    elif token.expires is not None and token.expires <= timezone.now():
        state = "expired"
    return TokenRow(
        pk=token.pk,
        name=token.name,
        start=token.start,
        person=token.person.get_username(),
        experiment=token.experiment.name if token.experiment else "",
        created=token.created,
        expires=token.expires,
        used=token.used,
        state=state,
        is_own=token.person_id == reader.pk,
    )
