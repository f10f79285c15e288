"""The new-experiment form in a real browser: few steps, live answers, nothing lost."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from experiments.models import Draft, Experiment
from tests.browser.waiting import gate
from tests.searches import make_dataset

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.needs("first run", why="tests/web asks the same pages on every database"),
]


@pytest.fixture
def form(sign_in, live_server, editor, project) -> Page:
    """The form, opened by an editor."""
    make_dataset()
    page: Page = sign_in(editor)
    page.goto(live_server.url + reverse("experiments:new", args=[project.slug]))
    expect(page.get_by_role("heading", name="New experiment")).to_be_visible()
    return page


def card(form: Page, name: str):
    return form.locator(".model-card", has_text=name).first


def test_three_clicks_lead_from_home_to_a_started_search(form, live_server):
    form.goto(live_server.url)
    form.get_by_role("link", name="New experiment").first.click()
    expect(form.get_by_role("heading", name="New experiment")).to_be_visible()
    card(form, "CNN").click()
    expect(form.locator("[data-name=filters]")).to_be_visible()
    form.get_by_role("button", name="Start search").click()
    form.wait_for_url(re.compile(r"/experiments/[0-9a-f-]{36}/"))
    experiment = Experiment.objects.get(purpose="search")
    assert (experiment.state, experiment.plan["model"]) == ("queued", "cnn")


def test_what_was_chosen_before_the_scripts_came_is_followed(form):
    with gate(form, "**/built/forms.js*") as held:
        form.reload(wait_until="commit")
        held.wait()
        card(form, "CNN").click()
        expect(card(form, "CNN").get_by_role("radio")).to_be_checked()
        expect(form.locator("[data-name=filters]")).to_have_count(0)
    expect(form.locator("[data-name=filters]")).to_be_visible()


def test_unticking_a_row_holds_it_at_a_value(form):
    row = form.locator("[data-name=units]")
    row.locator("[data-tune]").uncheck()
    expect(form.get_by_label("Value of units")).to_be_visible()
    expect(form.get_by_label("units from")).to_be_hidden()
    form.get_by_label("Value of units").fill("48")
    form.get_by_role("button", name="Start search").click()
    form.wait_for_url(re.compile(r"/experiments/[0-9a-f-]{36}/"))
    rows = {
        r["name"]: r
        for r in Experiment.objects.get(purpose="search").plan["space"]["hyperparameters"]
    }
    assert (rows["units"]["type"], rows["units"]["value"]) == ("fixed", 48)


def test_layers_are_added_moved_tuned_and_removed(form):
    card(form, "Layer list").click()
    layers = form.locator("layer-list li")
    expect(layers).to_have_count(4)
    form.get_by_role("button", name="+ Dense").click()
    expect(layers).to_have_count(5)
    expect(form.locator("[data-name=dense_2_units]")).to_have_count(0)
    layers.nth(4).locator("#layer-4-units").click()
    expect(form.locator("[data-name=dense_2_units]")).to_be_visible()
    form.get_by_role("button", name="Remove: Dropout, layer 4").click()
    expect(layers).to_have_count(4)
    form.get_by_role("button", name="Move up: Dense, layer 4").click()
    form.get_by_label("Check a changed search space before the start").uncheck()
    form.get_by_role("button", name="Start search").click()
    form.wait_for_url(re.compile(r"/experiments/[0-9a-f-]{36}/"))
    kinds = [layer["kind"] for layer in Experiment.objects.get(purpose="search").plan["layers"]]
    assert kinds == ["rescaling", "flatten", "dense", "dense"]


def test_a_second_tab_is_asked_before_it_overwrites(form, live_server, project):
    other = form.context.new_page()
    other.goto(live_server.url + reverse("experiments:new", args=[project.slug]))
    form.get_by_label("Notes", exact=True).fill("mine")
    expect(form.locator("[data-saved]")).to_contain_text("Draft saved")
    other.get_by_label("Notes", exact=True).fill("theirs")
    dialog = other.get_by_role("dialog", name="Two versions of the draft")
    expect(dialog).to_contain_text("mine")
    expect(dialog).to_contain_text("theirs")
    dialog.get_by_role("button", name="Keep mine").click()
    expect(other.locator("[data-saved]")).to_contain_text("Draft saved")
    assert Draft.objects.get().body["notes"] == "theirs"


def test_a_wrong_number_is_told_while_typing_and_goes_when_mended(form):
    start = form.get_by_label("learning_rate from")
    form.locator("[data-name=learning_rate] [data-type]").select_option("float")
    start.fill("0")
    form.get_by_label("learning_rate to").fill("0.1")
    form.get_by_label("Scale of learning_rate").select_option("log")
    message = form.locator("tr.row-error:visible")
    expect(message).to_contain_text("log scale can't include 0")
    expect(form.locator("[data-meaning]")).to_contain_text("in red to see samples")
    start.fill("0.001")
    expect(message).to_have_count(0)
    expect(form.locator("[data-meaning] table.draws tbody tr")).to_have_count(20)


def test_auto_tells_live_what_it_would_do_and_form_and_json_change_places(form):
    says = form.locator("[data-says=sampler]")
    expect(says).to_contain_text("Auto uses Bayesian optimisation")
    form.get_by_label("Trials", exact=True).fill("4")
    expect(says).to_contain_text("Auto uses Quasi-random")
    form.get_by_label("Sampler", exact=True).select_option("random")
    expect(says).to_be_hidden()
    form.get_by_label("Sampler", exact=True).select_option("auto")
    expect(says).to_be_visible()

    form.get_by_label("Trials", exact=True).fill("7")
    form.get_by_role("button", name="JSON").click()
    text = form.get_by_label("The plan as JSON")
    expect(text).to_have_value(re.compile('"max_trials": 7'))
    text.fill(text.input_value().replace('"max_trials": 7', '"max_trials": 9'))
    form.get_by_role("button", name="Form").click()
    expect(form.get_by_label("Trials", exact=True)).to_have_value("9")


def test_the_form_keeps_itself_as_a_draft(form, project):
    form.get_by_label("Notes", exact=True).fill("Half a thought")
    expect(form.locator("[data-saved]")).to_contain_text("Draft saved")
    assert Draft.objects.get().body["notes"] == "Half a thought"
    form.reload()
    expect(form.get_by_label("Notes", exact=True)).to_have_value("Half a thought")
