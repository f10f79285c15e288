"""A check before the start: from the form to its page, to the rule, to the search."""

import pytest
from django.urls import reverse

from experiments.models import Experiment, Preflight
from experiments.queues import TRIALS, queue
from experiments.tuner.preflight import try_plan
from tests.replay_pool import Recording, ReplayPool
from tests.searches import make_seat
from tests.web.sending import send

pytestmark = pytest.mark.usefixtures("by_editor")
WIDER = {"space-0-name": "units", "space-0-min": "32", "space-0-max": "2048", "space-0-tune": "1"}


def checked(client, address, version, capture, **fields):
    """Send the form; return its preflight."""
    with capture(execute=True):
        answer = send(client, address, version, **fields)
    preflight = Preflight.objects.get()
    assert answer["Location"] == of(preflight, "check")
    return preflight


def searches():
    """Not their baselines."""
    return Experiment.objects.filter(purpose="search")


def of(preflight, name):
    return reverse(f"experiments:{name}", args=[preflight.project.slug, preflight.code])


def breaks_from(units):
    def script(order, execution):
        wrong = order.values["units"] >= units
        return Recording(({"loss": 1.0},), fail_after=0 if wrong else None)

    return ReplayPool(script)


def test_check_first_starts_nothing_and_start_does(
    client, address, version, django_capture_on_commit_callbacks
):
    capture = django_capture_on_commit_callbacks
    preflight = checked(client, address, version, capture, action="check")
    [job] = queue(TRIALS).jobs
    assert job.func_name == "experiments.jobs.run_preflight" and job.args == (preflight.pk,)
    assert "Testing the corners" in client.get(of(preflight, "check")).text
    assert client.get(of(preflight, "check-state")).json()["state"] == "waiting"

    try_plan(preflight.pk, make_seat(ReplayPool()))
    page = client.get(of(preflight, "check")).text
    assert "No findings in " in page and "Largest values" in page
    assert "Whole search" in page and "Start search" in page
    assert client.get(of(preflight, "check-state")).json()["state"] == "passed"
    assert not searches().exists()

    started = client.post(of(preflight, "check-start"))
    again = client.post(of(preflight, "check-start"))
    experiment = searches().get()
    assert (
        started["Location"]
        == again["Location"]
        == reverse("experiments:detail", args=[experiment.code])
    )
    assert (experiment.code, experiment.state) == (preflight.token, "queued")


def test_a_known_space_starts_at_once_and_a_wider_one_is_checked(
    client, address, version, django_capture_on_commit_callbacks
):
    send(client, address, version, check_first="1")
    assert searches().exists() and not Preflight.objects.exists()
    wider = {"check_first": "1", **WIDER}
    preflight = checked(client, address, version, django_capture_on_commit_callbacks, **wider)
    assert preflight.starts
    try_plan(preflight.pk, make_seat(ReplayPool()))
    assert client.get(of(preflight, "check-state")).json()["state"] == "started"
    opened = client.get(of(preflight, "check"))
    assert opened["Location"] == reverse("experiments:detail", args=[preflight.token])


def test_a_corner_that_fails_blocks_and_its_rule_is_added_by_one_click(
    client, address, version, django_capture_on_commit_callbacks
):
    wider = {"check_first": "1", **WIDER}
    preflight = checked(client, address, version, django_capture_on_commit_callbacks, **wider)
    try_plan(preflight.pk, make_seat(breaks_from(2000)))
    page = client.get(of(preflight, "check"))
    [rule] = page.context["page"].rules
    assert "part of the search space fails" in page.text
    assert rule["rule"] in page.text.replace("&lt;", "<")
    form = client.post(of(preflight, "check-form"), {"rule": rule["rule"]})
    assert form.status_code == 200 and "Added to the constraints below" in form.text
    assert form.context["page"].fields["constraints"].value == rule["rule"]
    made_up = client.post(of(preflight, "check-form"), {"rule": "units < 1"})
    assert made_up.context["page"].fields["constraints"].value == ""
    assert not searches().exists()


def test_nobody_has_to_wait_for_it(client, address, version, django_capture_on_commit_callbacks):
    wider = {"check_first": "1", **WIDER}
    preflight = checked(client, address, version, django_capture_on_commit_callbacks, **wider)
    assert client.post(of(preflight, "check-start")).status_code == 302
    pool = ReplayPool()
    try_plan(preflight.pk, make_seat(pool))
    assert not pool.orders and searches().count() == 1


def test_a_wrong_form_is_not_checked(client, address, version):
    assert send(client, address, version, action="check", max_trials="0").status_code == 422
    assert not Preflight.objects.exists()
