"""Access tokens: shown once, kept as a digest, refused with the reason."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from experiments.models import AccessToken, Activity, Membership, Project, Role
from experiments.services.external import tokens
from experiments.services.external.tokens import (
    TokenRefused,
    authenticate,
    create_token,
    revoke_token,
)
from experiments.services.site.projects import change_role, remove_member
from tests.outside import make_outside


def refused(text: str, **options) -> str:
    with pytest.raises(TokenRefused) as caught:
        authenticate(text, **options)
    return caught.value.reason


def test_the_text_is_nowhere_but_in_the_answer(project, editor):
    made = create_token(project, "laptop", by=editor)
    assert re.fullmatch(r"[A-Za-z0-9_-]{30,}", made.text)
    row = AccessToken.objects.values().get()
    assert made.text not in str(row) and row["start"] == made.text[:8]
    assert made.text not in str(list(Activity.objects.values()))
    assert authenticate(made.text).person == editor


def test_no_text_holds_the_word_that_makes_kerastuner_a_server(monkeypatch):
    drawn = iter(["xxChIeFxx" + "a" * 20, "fine" + "a" * 20])
    monkeypatch.setattr(tokens.secrets, "token_urlsafe", lambda size: next(drawn))
    assert tokens._new_text() == "ts_fine" + "a" * 20


def test_each_refusal_says_why(project, owner, editor):
    made = create_token(project, "laptop", by=editor)
    for text in ("", "ts_", made.text[:-1], made.text + "x", "ä" * 30, made.text.swapcase()):
        assert refused(text) == "unknown"
    AccessToken.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert refused(made.text) == "expired"
    AccessToken.objects.update(expires=timezone.now() + timedelta(seconds=60))
    assert authenticate(made.text).project == project
    assert revoke_token(made.record, by=owner)
    assert not revoke_token(made.record, by=owner)
    assert refused(made.text) == "revoked"


def test_a_token_is_worth_what_its_person_may_do(project, owner, editor):
    made = create_token(project, "laptop", by=editor)
    membership = Membership.objects.get(project=project, user=editor)
    change_role(membership, Role.VIEWER, by=owner)
    assert refused(made.text) == "no right"
    change_role(membership, Role.EDITOR, by=owner)
    authenticate(made.text)
    editor.is_active = False
    editor.save()
    assert refused(made.text) == "no right"
    editor.is_active = True
    editor.save()
    remove_member(membership, by=owner)
    assert refused(made.text) == "no right"


def test_a_token_opens_its_project_or_its_one_experiment(project, owner):
    other = Project.objects.create(slug="other", name="Other")
    mine, second, foreign = make_outside(project), make_outside(project), make_outside(other)
    wide = create_token(project, "all", by=owner).text
    narrow = create_token(project, "one", by=owner, experiment=mine).text
    assert authenticate(wide, experiment=second)
    assert authenticate(narrow, experiment=mine)
    assert refused(wide, experiment=foreign) == "foreign"
    assert refused(narrow, experiment=second) == "foreign"


def test_its_use_is_noted_once_a_minute(project, owner, django_assert_num_queries):
    text = create_token(project, "laptop", by=owner).text
    authenticate(text)
    used = AccessToken.objects.get().used
    assert used is not None
    authenticate(text)
    assert AccessToken.objects.get().used == used
    AccessToken.objects.update(used=used - timedelta(minutes=2))
    authenticate(text)
    assert AccessToken.objects.get().used >= used
