"""Home and the workers' page stay fresh by themselves."""

import pytest
from playwright.sync_api import Page, expect

from experiments.models import Experiment, Worker
from tests.examples import make_experiment

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(sign_in, editor) -> Page:
    page: Page = sign_in(editor)
    return page


def test_home_follows_a_running_search_from_the_sign_in_form_on(
    page, live_server, project, editor
):
    experiment = make_experiment(
        project, name="runs", trials=5, running=1, state="running", max_trials=9, by=editor
    )
    page.context.clear_cookies()
    page.goto(live_server.url)
    page.wait_for_url(f"{live_server.url}/sign-in/**")
    page.fill("[name=username]", "editor")
    page.fill("[name=password]", "pw")
    page.click("main button[type=submit]")
    page.wait_for_url(f"{live_server.url}/")
    card = page.locator(".running", has_text="runs")
    expect(card).to_contain_text("4 of 9 trials")
    experiment.trials.filter(state="running").update(state="completed", score=0.5)
    expect(card).to_contain_text("5 of 9 trials")
    Experiment.objects.update(state="completed")
    expect(page.get_by_text("No search is running.")).to_be_visible()


def test_a_worker_that_starts_appears(page, live_server, project):
    page.goto(f"{live_server.url}/workers/")
    expect(page.get_by_text("No worker has reported")).to_be_visible()
    Worker.objects.create(name="worker-a", kind="trials", host="lab", pid=7)
    expect(page.get_by_role("rowheader", name="worker-a")).to_be_visible()
