"""Fixtures of the new-experiment form: its data, its address, and who fills it in."""

import pytest
from django.urls import reverse

from tests.searches import make_dataset


@pytest.fixture
def version(project):
    return make_dataset()


@pytest.fixture
def address(project):
    return reverse("experiments:new", args=[project.slug])


@pytest.fixture
def by_editor(client, editor, queues):
    """The client is the editor's, and what starts is queued for real."""
    client.force_login(editor)
