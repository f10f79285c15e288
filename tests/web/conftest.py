"""Fixtures of the new-experiment form: its data, its address, and who fills it in."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from experiments.reports.written.page import kinds_for
from experiments.reports.written.snapshot import freeze
from experiments.services.experiments.reports import make_report
from tests.examples import make_experiment
from tests.reports.written.test_snapshot import crowned
from tests.searches import make_dataset

BLOCK = (
    r"</?(?:body|button|d[dlt]|div|fieldset|form|h\d|header|legend|li|main|nav|ol|option|p|section"
    r"|select|table|tbody|td|tfoot|th|thead|tr|ul)\b[^>]*>"
)
BREAKS = (
    (re.compile(rf"({BLOCK})\s*\n\s*"), r"\1"),
    (re.compile(rf"\s*\n\s*({BLOCK})"), r"\1"),
    (re.compile(r"\s*\n\s*"), " "),
)
KEPT = re.compile(r"(<(pre|textarea)\b.*?</\2>)", re.DOTALL)


class PageClient(Client):
    """Answers with pages as a reader sees them: where a template breaks its lines is no behaviour."""

    def request(self, **request):
        response = super().request(**request)
        if not response.streaming and response.get("Content-Type", "").startswith("text/html"):
            response.content = "".join(_joined(response.content.decode()))
        return response


def _joined(html):
    """Without the breaks that no page shows; what stands in <pre> and <textarea> stays."""
    parts = KEPT.split(html)
    for outside, kept in zip(parts[::3], [*parts[1::3], ""], strict=True):
        for pattern, instead in BREAKS:
            outside = pattern.sub(instead, outside)
        yield outside + kept


@pytest.fixture
def client():
    """A browser that nobody has signed in with."""
    return PageClient()


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
