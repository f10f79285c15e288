"""What waits for a background job that is given up says so."""

import pytest

from experiments.jobs import give_up
from experiments.models import CodeFetch
from experiments.services.code import fetches, versions
from experiments.services.code.versions import add_code, ask_for_checks
from experiments.tuner.given_up import INTERRUPTED
from tests.tuner.test_own_code import NET

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def version(project, author, queues):
    return add_code(project, "Net", NET, by=author)


def test_a_reading_fails_in_words_and_can_be_asked_for_again(version):
    give_up(versions.JOB, version.pk)
    version.refresh_from_db()
    assert version.reading["state"] == "failed"
    assert version.reading["problem"] == INTERRUPTED


def test_checks_end(version):
    ask_for_checks(version)
    give_up(versions.CHECK_JOB, version.pk)
    version.refresh_from_db()
    assert version.checks == {"state": "done", "problem": INTERRUPTED}


def test_a_fetch_fails(project, author):
    request = CodeFetch.objects.create(project=project, name="Net", address="x", user=author)
    give_up(fetches.JOB, request.pk)
    request.refresh_from_db()
    assert (request.state, request.problem) == ("failed", INTERRUPTED)
