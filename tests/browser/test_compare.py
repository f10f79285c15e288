"""The comparison in Chromium: base, only differences, next difference, lines, and an address that holds it all."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from experiments.evaluation.protocol import Protocol
from experiments.models import Experiment, Trial
from tests.browser.test_axe import violations
from tests.browser.waiting import gate, until
from tests.examples import make_experiment, replan

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.needs("first run", why="tests/web asks the same pages on every database"),
]


@pytest.fixture
def search(project):
    return make_experiment(project, trials=12, repeats=3)


@pytest.fixture
def tab(sign_in, viewer) -> Page:
    page: Page = sign_in(viewer)
    page.set_viewport_size({"width": 1440, "height": 900})
    return page


def opened(tab, live_server, project, search, *numbers, more="") -> Page:
    keys = ",".join(f"{search.code}:{number}" for number in numbers)
    address = reverse("compare:detail", args=[project.slug]) + f"?trials={keys}{more}"
    tab.goto(live_server.url + address)
    return tab


def test_the_base_is_picked_pinned_and_kept_in_the_address(tab, live_server, project, search):
    opened(tab, live_server, project, search, 0, 1, 2)
    heads = tab.locator("#settings .head-cell .trial-name")
    expect(heads).to_have_text(["Trial 0", "Trial 1", "Trial 2"])
    tab.select_option("#first-smoothing", "0.8")
    tab.locator("#settings").get_by_role("link", name="make base").nth(1).click()
    expect(heads).to_have_text(["Trial 2", "Trial 0", "Trial 1"])
    expect(tab).to_have_url(re.compile(f"base={search.code}:2"))
    # Set after the link was written.
    expect(tab).to_have_url(re.compile("first=epoch,linear,0.8,mean,whole,val_accuracy"))
    expect(tab.locator("#first-smoothing")).to_have_value("0.8")
    tab.locator("#settings").get_by_role("link", name="Remove trial 2").click()
    expect(heads).to_have_text(["Trial 0", "Trial 1"])
    expect(tab).not_to_have_url(re.compile("base="))


@pytest.mark.parametrize("late", ["**/curves.json*", "**/built/compare.js"])
def test_what_is_chosen_before_the_page_is_ready_is_kept(tab, live_server, project, search, late):
    keys = f"{search.code}:0,{search.code}:1"
    address = reverse("compare:detail", args=[project.slug]) + f"?trials={keys}"
    with gate(tab, late) as held:
        tab.goto(live_server.url + address, wait_until="commit")
        held.wait()
        tab.select_option("#first-smoothing", "0.8")
    expect(tab).to_have_url(re.compile("first=epoch,linear,0.8,mean,whole,val_accuracy"))
    expect(tab.locator("#first-metric option")).to_have_count(4)
    expect(tab.locator("#first-metric")).to_have_value("val_accuracy")
    expect(tab.locator("#first-smoothing")).to_have_value("0.8")


def test_parallel_coordinates_name_trials_in_their_table(tab, live_server, project, search):
    other = make_experiment(project, name="other search", trials=2, repeats=3)
    opened(tab, live_server, project, search, 0, more=f",{other.code}:0")
    chart = tab.locator("compared-coordinates")
    expect(chart.locator("[data-chart-note]")).to_contain_text("2 of 2 trials")
    chart.locator("[data-chart=table]").press("Enter")
    expect(chart.locator("tbody")).to_contain_text("Trial 0, other search")


def test_more_trials_come_by_number_and_the_rest_stays(tab, live_server, project, search):
    opened(tab, live_server, project, search, 0, 1, more=f"&base={search.code}:1")
    tab.get_by_role("button", name="Add trial").click()
    tab.fill("#pick-numbers", "4, 5")
    tab.get_by_role("button", name="Add", exact=True).click()
    tab.wait_for_selector("h1:has-text('Compare 4 trials')")
    expect(tab).to_have_url(re.compile(f"base={search.code}:1"))


def test_experiments_are_chosen_and_drawn_together(tab, live_server, project, search):
    make_experiment(project, name="second", trials=5, repeats=3)
    tab.goto(live_server.url + reverse("compare:experiments", args=[project.slug]))
    tab.get_by_role("button", name="Select experiments").first.click()
    boxes = tab.locator("#pick-experiments input[type=checkbox]")
    expect(boxes).to_have_count(2)
    for box in boxes.all():
        box.check()
    tab.get_by_role("button", name="Compare", exact=True).click()
    tab.wait_for_selector("h1:has-text('Compare 2 experiments')")
    until(
        tab,
        "[...document.querySelectorAll('search-lines canvas')]"
        ".every((canvas) => window.Chart?.getChart(canvas)?.data.datasets.length === 2)",
    )
    tab.locator("search-lines [data-chart=table]").nth(1).press("Enter")
    expect(tab.locator("search-lines").nth(1).locator("tbody")).to_contain_text("second")
    assert violations(tab) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_filled_page_breaks_no_rule_of_accessibility(tab, live_server, project, search, theme):
    tab.emulate_media(reduced_motion="reduce", color_scheme=theme)
    other = make_experiment(project, name="folds", trials=2, repeats=3)
    opened(tab, live_server, project, search, 0, 1, 2, more=f",{other.code}:1")
    until(
        tab,
        "window.Chart?.getChart(document.querySelector('compared-curves canvas')) !== undefined",
    )
    tab.get_by_text("Differences by seed").click()
    assert violations(tab) == []
    replan(other, protocol=Protocol(repeats=2))
    tab.reload()
    expect(tab.get_by_text("They differ in protocol")).to_be_visible()
    assert violations(tab) == []


def test_numbers_and_curves_follow_a_compared_trial_that_runs(tab, live_server, project, search):
    trial = search.trials.get(number=1)
    trial.state, trial.score = Trial.State.RUNNING, None
    trial.save(update_fields=["state", "score"])
    opened(tab, live_server, project, search, 0, 1, 2)
    note = tab.get_by_text("1 still runs: numbers update")
    expect(note).to_be_visible()
    state = tab.locator("#compared-now tbody tr").first.locator("td").nth(1)
    expect(state).to_contain_text("Running", ignore_case=True)
    with tab.expect_request("**/curves.json?**"):
        trial.state, trial.score = Trial.State.COMPLETED, 0.987
        trial.save(update_fields=["state", "score"])
    expect(state).to_contain_text("Completed", ignore_case=True)
    expect(note).to_have_count(0)
    expect(tab.locator("#compared-now")).not_to_have_attribute("running", "")


def test_several_experiments_follow_one_that_runs(tab, live_server, project, search):
    other = make_experiment(
        project, name="second", trials=6, running=2, repeats=3, state="running"
    )
    query = f"?experiments={search.code},{other.code}"
    tab.goto(live_server.url + reverse("compare:experiments", args=[project.slug]) + query)
    best = tab.locator("search-lines[kind=best]")
    best.locator("[data-chart=table]").press("Enter")
    rows = best.locator("[data-chart-table]")
    expect(rows).to_contain_text("second")
    expect(rows).not_to_contain_text("0.9876")
    trial = other.trials.filter(state="running").order_by("number").last()
    Trial.objects.filter(pk=trial.pk).update(state="completed", score=0.9876, spread=0.001)
    Experiment.objects.filter(pk=other.pk).update(best_trial=trial)  # as its settling would
    expect(rows).to_contain_text("0.9876")
    score = tab.locator("#compared-now tr", has_text="best search score")
    expect(score.get_by_role("cell").last).to_contain_text("0.9876")


def test_equal_rows_fold_exact_metrics_unfold_and_the_address_says_so(
    tab, live_server, project, search
):
    search.trials.get(number=0).executions.update(exact={"values": {"auc": 0.9}, "missing": {}})
    opened(tab, live_server, project, search, 0, 1)
    exact = tab.locator("tr.is-exact", has_text="exact auc")
    expect(exact).to_be_hidden()
    tab.get_by_role("button", name="1 exact metric").click()
    expect(exact).to_be_visible()
    tab.wait_for_url("**exact=shown**")
    tab.reload()
    expect(exact).to_be_visible()

    row = tab.locator("#settings tr", has_text="epochs")
    count = tab.locator("[data-hidden-count]", has_text="equal row").last
    expect(row).to_be_hidden()
    expect(count).to_be_visible()
    fold = tab.get_by_role("button", name="Only differences")
    expect(fold).to_have_attribute("aria-pressed", "true")
    fold.click()
    expect(row).to_be_visible()
    expect(count).to_be_hidden()
    tab.wait_for_url("**equal=shown**")
    tab.reload()
    expect(row).to_be_visible()
    fold.click()
    expect(row).to_be_hidden()


def test_a_line_is_hidden_everywhere_and_the_next_difference_comes_by_button_and_by_key(
    tab, live_server, project, search
):
    opened(tab, live_server, project, search, 0, 3, 8)
    drawn = "window.Chart?.getChart(document.querySelector('compared-curves canvas'))?.data.datasets.filter((line) => line.isMain).length ?? 0"
    line = tab.locator(".shown-trial").nth(1)
    until(tab, f"{drawn} === 3")
    line.click()
    until(tab, f"{drawn} === 2")
    expect(line).to_have_attribute("aria-pressed", "false")
    tab.wait_for_url(f"**hidden={search.code}:3**")
    tab.reload()
    until(tab, f"{drawn} === 2")
    expect(line).to_have_attribute("aria-pressed", "false")

    names = tab.locator("#settings tr[data-differs]").evaluate_all(
        "rows => rows.map((row) => row.dataset.differs)"
    )
    at = tab.locator("#settings tr[aria-current]")
    words = tab.locator("[data-difference]")
    tab.get_by_role("button", name="Next difference").click()
    expect(at).to_have_attribute("data-differs", names[0])
    expect(words).to_contain_text(f"difference 1 of {len(names)}")
    tab.keyboard.press("n")
    expect(at).to_have_attribute("data-differs", names[1])
    expect(at).to_be_focused()
    expect(at).to_be_in_viewport()
    tab.keyboard.press("p")
    tab.keyboard.press("p")
    expect(at).to_have_attribute("data-differs", names[-1])
    tab.get_by_role("button", name="Add trial").first.click()
    tab.locator("#pick-numbers").press("n")
    expect(at).to_have_attribute("data-differs", names[-1])
