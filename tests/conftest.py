"""Fixtures of every test: a data folder of its own, and the three people."""

import os
import tempfile
from pathlib import Path

# Before Django reads its settings: tests never touch the product's own data folder.
os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="tuning-site-tests-"))
os.environ.setdefault("SECRET_KEY", "only-for-tests")

import pytest


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, settings) -> Path:
    """The folder that this test writes into."""
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    return settings.DATA_DIR


@pytest.fixture
def owner(django_user_model, project):
    return project.memberships.get(role="owner").user


@pytest.fixture
def project(db, django_user_model):
    from experiments.models import Membership, Project, Role

    project = Project.objects.create(slug="vision-team", name="Vision team")
    for role in Role:
        user = django_user_model.objects.create_user(role.value, password="pw")
        Membership.objects.create(project=project, user=user, role=role)
    return project


@pytest.fixture
def editor(project):
    return project.memberships.get(role="editor").user


@pytest.fixture
def viewer(project):
    return project.memberships.get(role="viewer").user


@pytest.fixture
def stranger(django_user_model, db):
    return django_user_model.objects.create_user("stranger", password="pw")
