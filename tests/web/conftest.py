"""Fixtures of the new-experiment form: its data, its address, and who fills it in."""

import pytest
from django.urls import reverse

from experiments.reports.written.page import kinds_for
from experiments.reports.written.snapshot import freeze
from experiments.services.experiments.reports import make_report
from tests.examples import make_experiment
from tests.reports.written.test_snapshot import crowned
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


@pytest.fixture
def as_editor(client, editor):
    """A client that is the editor's."""
    client.force_login(editor)
    return client


@pytest.fixture
def reported(project, editor):
    """A search with a winner."""
    return crowned(make_experiment(project, trials=12, repeats=3, by=editor), executions=3)


@pytest.fixture
def report(reported, editor):
    """A report of it, as one click makes it."""
    frozen = freeze(reported)
    return make_report(reported, frozen, kinds_for(reported, frozen.facts), by=editor)
