"""Putting configurations in by hand in a real Chromium: fields come and go, and the list follows."""

import pytest
from playwright.sync_api import Page, expect

from experiments.services.trials.queued_configurations import queue_by_hand
from experiments.web.forms.experiment.configurations import space_of
from tests.browser.test_live import open_experiment
from tests.examples import make_experiment

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("queues"),
]


@pytest.fixture
def page(sign_in, editor) -> Page:
    page: Page = sign_in(editor)
    return page


@pytest.fixture
def search(project, owner):
    return make_experiment(project, trials=4, max_trials=20, state="running", by=owner)


def test_a_field_shows_only_while_the_other_values_make_it_count(page, live_server, search):
    open_experiment(page, live_server, search)
    page.get_by_role("link", name="Add configuration").click()
    momentum = page.locator("[name='value-momentum']")
    expect(page.locator("[name='value-units']")).to_be_visible()
    expect(momentum).to_be_hidden()
    page.select_option("[name='value-optimizer']", "sgd")
    expect(momentum).to_be_visible()
    momentum.fill("0.9")
    page.select_option("[name='value-optimizer']", "adam")
    expect(momentum).to_be_hidden()
    page.select_option("[name='value-optimizer']", "sgd")
    expect(momentum).to_have_value("0.9")
    page.get_by_role("button", name="Queue").first.click()
    expect(page.locator(".by-hand-list li")).to_contain_text("momentum 0.9")


def test_what_a_colleague_queues_appears_and_is_withdrawn_here(page, live_server, search, owner):
    open_experiment(page, live_server, search)
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator(".by-hand-list")).to_have_count(0)
    queue_by_hand(search, [space_of(search).defaults()], by=owner)
    expect(page.locator(".by-hand-list li")).to_contain_text("by owner")
    page.get_by_role("button", name="Withdraw").click()
    expect(page.locator(".by-hand-list")).to_have_count(0)
    assert search.queued.get().withdrawn is not None
