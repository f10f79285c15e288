"""Reports: the access tokens of a project. Their text is not stored."""

from dataclasses import dataclass
from typing import Literal

from django.contrib.auth.models import User
from django.utils import timezone

from experiments.models import AccessToken, Experiment, Project

State = Literal["works", "expired", "revoked"]


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One token. is_own: the reader's."""

    token: AccessToken
    state: State
    is_own: bool


def token_rows(
    project: Project, reader: User, experiment: Experiment | None = None
) -> list[TokenRow]:
    """Newest first, valid ones before the others. experiment: only those that open it."""
    found = project.tokens.select_related("person", "experiment")
    rows = [
        TokenRow(token, _state(token), token.person_id == reader.pk)
        for token in found
        if experiment is None or token.experiment_id in (None, experiment.pk)
    ]
    return sorted(rows, key=lambda row: row.state != "works")


def _state(token: AccessToken) -> State:
    if token.revoked is not None:
        return "revoked"
    return "expired" if token.expires is not None and token.expires <= timezone.now() else "works"
