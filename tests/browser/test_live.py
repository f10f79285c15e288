"""The experiment's page in a real Chromium: epochs reach pixels, and people reach trials."""

import re

import pytest
from django.db.models import F
from playwright.sync_api import expect

from experiments.models import Activity, Experiment, Trial
from tests.browser.waiting import gate, resting_box, until
from tests.examples import make_experiment

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.needs("first run", why="tests/web asks the same pages on every database"),
]

# Height of the last point that the first running trial's small chart has drawn.
DRAWN = """() => {
  const canvas = document.querySelector('running-trials canvas');
  const chart = canvas && window.Chart?.getChart(canvas);
  return chart ? chart.data.datasets[0].data.length : 0;
}"""


def open_experiment(page, live_server, experiment, tail=""):
    page.goto(f"{live_server.url}/experiments/{experiment.code}/{tail}")


def store_epoch(trial, accuracy):
    execution = trial.executions.get(index=0)
    for name, value in (("val_accuracy", accuracy), ("val_loss", 1 - accuracy)):
        execution.history[name].append(value)
    execution.epochs += 1
    execution.save()
    bump(trial)


def bump(trial, **changes):
    Experiment.objects.filter(pk=trial.experiment_id).update(event_serial=F("event_serial") + 1)
    serial = Experiment.objects.get(pk=trial.experiment_id).event_serial
    Trial.objects.filter(pk=trial.pk).update(event_serial=serial, **changes)


@pytest.fixture
def running(project):
    return make_experiment(
        project, trials=12, running=4, failing=True, state="running", max_trials=20
    )


@pytest.fixture
def tab(sign_in, editor):
    """A tab that is quiet before the database is emptied: `answered` waits for the rest."""
    page = sign_in(editor)
    yield page
    page.goto("about:blank")


def test_each_epoch_is_drawn_while_four_trials_run(tab, live_server, running):
    open_experiment(tab, live_server, running)
    until(tab, "document.querySelectorAll('running-trials canvas').length === 4")
    trial = running.trials.filter(state="running").order_by("number").first()
    until(tab, f"({DRAWN})() > 0")
    for step in range(4):  # how soon is what `bench live` measures
        before = tab.evaluate(DRAWN)
        store_epoch(trial, 0.9 + step / 1000)
        until(tab, f"({DRAWN})() > {before}")
        tab.wait_for_timeout(130)


def test_counts_title_feed_and_table_follow_without_a_reload(tab, live_server, running):
    open_experiment(tab, live_server, running)
    until(tab, "document.querySelectorAll('running-trials canvas').length === 4")
    tab.evaluate("window.notReloaded = true")
    trial = running.trials.filter(state="running").order_by("number").first()
    Activity.objects.create(
        experiment=running,
        project=running.project,
        verb="trial.completed",
        text="Trial completed with 0.9999",
    )
    bump(trial, state="completed", score=0.9999, ended=F("started"))
    Experiment.objects.filter(pk=running.pk).update(best_trial=trial)
    tab.wait_for_selector("text=Trial completed with 0.9999")
    until(tab, "document.querySelectorAll('running-trials canvas').length === 3")
    expect(tab.locator('[data-head="best"]')).to_contain_text("0.9999")
    expect(tab.locator('[data-head="settled"]').first).to_have_text("9")
    expect(tab).to_have_title(re.compile("^45 % ·"))
    first = tab.locator("trial-table [data-rows] tr").first
    expect(first).to_have_attribute("data-number", str(trial.number))
    expect(first).to_contain_class("is-best")
    assert tab.evaluate("window.notReloaded") is True


def test_the_table_sorts_filters_and_keeps_its_state_in_the_address(tab, live_server, running):
    open_experiment(tab, live_server, running)
    tab.click("trial-table th[data-key=number] .sort")
    numbers = "[...document.querySelectorAll('trial-table [data-rows] tr')].map((r) => +r.dataset.number)"
    until(tab, f"({numbers})[0] === 0")
    tab.fill("#trial-filter", "number < 3")
    until(tab, f"({numbers}).length === 3")
    until(tab, "location.search.includes('filter=number')")  # written when the typing rests
    until(tab, "location.search.includes('sort=number')")
    tab.reload()
    until(tab, f"({numbers}).join() === '0,1,2'")
    tab.fill("#trial-filter", "numbr < 3")
    tab.wait_for_selector("text=There is no column")


def test_a_filter_that_is_typed_before_the_trials_came_is_followed(tab, live_server, running):
    rows = tab.locator("trial-table [data-rows] tr")
    with gate(tab, "**/history.json*") as held:
        open_experiment(tab, live_server, running)
        held.wait()
        tab.fill("#trial-filter", "number < 3")
        expect(rows).not_to_have_count(3)
    expect(rows).to_have_count(3)


def test_a_press_counts_though_news_come_while_it_lasts(tab, live_server, running):
    open_experiment(tab, live_server, running)
    until(tab, f"({DRAWN})() > 0")
    trial = running.trials.filter(state="running").order_by("number").first()
    choose = tab.get_by_label(f"Select trial {trial.number}", exact=True)
    box = resting_box(choose)
    tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tab.mouse.down()
    before = tab.evaluate(DRAWN)
    with tab.expect_response(lambda answer: "live.json" in answer.url and answer.status == 200):
        store_epoch(trial, 0.9)
    tab.wait_for_timeout(500)  # for the page to do with it what it does
    tab.mouse.up()
    expect(choose).to_be_checked()
    until(tab, f"({DRAWN})() > {before}")  # and they are told then


def test_news_that_overtake_the_trials_are_kept(tab, live_server, running):
    answers = []
    tab.route("**/history.json*", lambda route: answers.append((route, route.fetch())))
    open_experiment(tab, live_server, running)
    until(tab, "document.querySelectorAll('running-trials canvas').length === 4")
    trial = running.trials.filter(state="running").order_by("number").first()
    bump(trial, state="completed", score=0.9999, ended=F("started"))
    until(tab, "document.querySelectorAll('running-trials canvas').length === 3")
    for route, response in answers:
        route.fulfill(response=response)
    first = tab.locator("trial-table [data-rows] tr").first
    expect(first).to_have_attribute("data-number", str(trial.number))
    expect(first).to_contain_text("0.9999")


def test_chosen_trials_are_compared(tab, live_server, running):
    open_experiment(tab, live_server, running)
    rows = tab.locator("trial-table [data-rows] tr")
    expect(tab.locator("[data-shown]")).to_have_text(re.compile(r"^\d+ trials$"))
    for index in (0, 1):
        rows.nth(index).locator("input").check()
    tab.click("[data-compare]")
    tab.wait_for_selector("h1:has-text('Compare 2 trials')")
    until(
        tab,
        "window.Chart?.getChart(document.querySelector('compared-curves canvas')) !== undefined",
    )
    expect(tab.locator(".shown-trial")).to_have_count(2)


def test_keys_lead_to_the_next_and_previous_trial(tab, live_server, running):
    open_experiment(tab, live_server, running, "trials/1/")
    tab.keyboard.press("j")
    tab.wait_for_url("**/trials/2/")
    tab.keyboard.press("k")
    tab.wait_for_url("**/trials/1/")


def test_curves_off_the_screen_are_drawn_when_somebody_comes(tab, live_server, running):
    tab.set_viewport_size({"width": 1280, "height": 500})
    open_experiment(tab, live_server, running)
    until(tab, f"({DRAWN})() > 0")
    curves = tab.locator("learning-curves").first
    curves.scroll_into_view_if_needed()
    drawn = """(() => {
      const chart = window.Chart?.getChart(document.querySelector('learning-curves canvas'));
      return chart ? Math.max(0, ...chart.data.datasets.map((set) => set.data.length)) : 0;
    })()"""
    until(tab, f"{drawn} > 0")
    tab.locator("h1").scroll_into_view_if_needed()
    until(tab, "!document.querySelector('learning-curves').isOnScreen")
    trial = running.trials.filter(state="running").order_by("number").first()
    before = tab.evaluate(DRAWN)
    for accuracy in [0.91] * 40:  # longer than any other trial's curve
        store_epoch(trial, accuracy)
    until(tab, f"({DRAWN})() >= {before} + 40")
    assert tab.evaluate(drawn) < before + 40
    curves.scroll_into_view_if_needed()
    until(tab, f"{drawn} >= {before} + 40")


def test_the_page_obeys_pointer_and_keys_and_fits_a_phone(tab, live_server, running):
    """One visit: a drag enlarges, every chart has a table twin, `/` searches, the theme stays, a phone is enough."""
    open_experiment(tab, live_server, running)
    chart = "window.Chart?.getChart(document.querySelector('best-so-far canvas'))"
    until(tab, f"{chart} !== undefined")
    until(tab, "document.querySelectorAll('running-trials canvas').length === 4")
    box = resting_box(tab.locator("best-so-far canvas"))
    tab.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 60)
    tab.mouse.down()
    tab.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 60, steps=4)
    tab.mouse.up()
    until(tab, f"{chart}.scales.x.min > 0")
    tab.mouse.dblclick(box["x"] + box["width"] * 0.5, box["y"] + 20)
    until(tab, f"{chart}.scales.x.min === 0")

    tab.click("best-so-far [data-chart=table]")
    expect(tab.locator("best-so-far tbody tr")).to_have_count(12)
    tab.click("best-so-far [data-save]")
    with tab.expect_download() as download:
        tab.click("best-so-far [data-chart=csv]")
    assert download.value.suggested_filename.endswith(".csv")

    tab.keyboard.press("/")
    tab.wait_for_selector("dialog[data-search][open]")
    until(tab, "document.activeElement.id === 'shell-search'")
    tab.keyboard.press("Escape")
    tab.wait_for_selector("dialog[data-search]", state="hidden")

    before = tab.evaluate("document.documentElement.dataset.bsTheme")
    tab.click(".rail [data-toggle-theme]")
    tab.reload()
    after = tab.evaluate("document.documentElement.dataset.bsTheme")
    assert {before, after} == {"light", "dark"}

    tab.set_viewport_size({"width": 390, "height": 844})
    tab.reload()
    expect(tab.locator(".bottom-bar")).to_be_visible()
    expect(tab.locator(".rail")).to_be_hidden()
    until(tab, "document.querySelectorAll('running-trials canvas').length === 4")
    until(tab, "document.documentElement.scrollWidth <= 390")
