"""The Analysis tab in Chromium: one selection, brushed by pointer and by keys, whose whole state is the address."""

import re

import pytest
from django.db.models import F, Max
from django.urls import reverse
from playwright.sync_api import Page, expect

from experiments.models import Execution, Experiment, Trial
from tests.browser.waiting import gate, resting_box
from tests.examples import make_experiment

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.needs("first run", why="tests/web asks the same pages on every database"),
]


@pytest.fixture
def page(sign_in, editor) -> Page:
    page: Page = sign_in(editor)
    return page


def test_brushes_and_axes_are_set_by_pointer_and_keys_and_stand_in_the_address(
    page, live_server, project, editor
):
    experiment = make_experiment(project, trials=60, failing=True, by=editor)
    page.goto(live_server.url + reverse("experiments:analysis", args=[experiment.code]))
    note = page.locator("parallel-coordinates [data-chart-note]")
    expect(note).to_contain_text("60 of 60 trials")
    titles = page.locator(".parallel-head")
    expect(titles).to_have_count(7)
    expect(titles.last).to_have_text("val_accuracy")
    before = titles.all_text_contents()

    track = resting_box(page.locator(".parallel-track").last)
    middle = track["x"] + track["width"] / 2
    page.mouse.move(middle, track["y"] + 10)
    page.mouse.down()
    page.mouse.move(middle, track["y"] + 120, steps=4)
    page.mouse.up()
    brush = page.locator(".parallel-brush")
    expect(brush).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?brush=score:0\.9\d+\.\."))
    expect(note).not_to_contain_text("60 of 60")

    titles.first.focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(rf"axes={before[1]},{before[0]},"))
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Flip", exact=True).click()
    expect(page).to_have_url(re.compile(rf"axes={before[1]},-{before[0]},"))

    page.reload()
    expect(brush).to_have_count(1)
    expect(titles).to_have_text([before[1], before[0], *before[2:]])
    brush.focus()
    page.keyboard.press("Delete")
    expect(brush).to_have_count(0)
    expect(note).to_contain_text("60 of 60")


def test_charts_draw_when_they_come_into_sight_and_follow_the_selection(
    page, live_server, project, editor
):
    experiment = make_experiment(project, trials=60, by=editor)
    address = live_server.url + reverse("experiments:analysis", args=[experiment.code])
    page.goto(f"{address}?filter=dropout < 0.25")
    last = page.locator("worker-timeline [data-chart-empty]")
    expect(last).to_have_text("Loading")
    importance = page.locator("hyperparameter-importance")
    importance.scroll_into_view_if_needed()
    expect(importance.locator("[data-chart-note]")).to_contain_text("60 trials")
    for name in ("score-slice", "score-surface", "choice-boxes", "rank-plot", "duration-score"):
        chart = page.locator(name)
        chart.scroll_into_view_if_needed()
        expect(chart.locator("[data-chart-empty]")).to_be_hidden()
    expect(page.locator("score-slice [data-chart-note]")).to_have_text(
        re.compile(r"^[1-5]\d of 60 trials")
    )
    page.get_by_label("Hyperparameter of the slice").select_option("units")
    expect(page).to_have_url(re.compile(r"[?&]slice=units"))
    page.locator("worker-timeline").scroll_into_view_if_needed()
    expect(last).to_be_hidden()


def test_the_bar_acts_on_what_is_selected(page, live_server, project, editor):
    experiment = make_experiment(project, trials=30, state="paused", max_trials=99, by=editor)
    address = live_server.url + reverse("experiments:analysis", args=[experiment.code])
    page.goto(address)
    bar = page.get_by_role("region", name="Selected trials")
    expect(page.locator("parallel-coordinates [data-chart-note]")).to_contain_text("30 of 30")
    expect(bar).to_be_hidden()
    page.goto(f"{address}?brush=units:100..300&chosen=3,5")
    expect(bar).to_contain_text("2 selected")
    compare = bar.get_by_role("link", name="Compare")
    expect(compare).to_have_attribute(
        "href", re.compile(f"trials={experiment.code}:3,{experiment.code}:5$")
    )
    expect(bar.get_by_role("link", name="Edit and queue")).to_have_attribute(
        "href", re.compile(r"queue/\?trial=3$")
    )
    bar.get_by_role("button", name="2 selected").click()
    expect(bar).to_contain_text("of 30 trials match")
    expect(bar.get_by_role("link", name="Narrow the search space")).to_have_attribute(
        "href", re.compile(r"shrink/\?brush=units:100\.\.300$")
    )
    bar.get_by_role("button", name="Clear all").click()
    expect(bar).to_be_hidden()
    expect(page).to_have_url(address)


def test_the_curves_of_all_trials_follow_a_search_that_runs(page, live_server, project, editor):
    experiment = make_experiment(project, trials=12, running=1, state="running", by=editor)
    page.goto(live_server.url + reverse("experiments:analysis", args=[experiment.code]))
    chart = page.locator("all-curves")
    chart.scroll_into_view_if_needed()
    expect(chart.locator("[data-chart-empty]")).to_be_hidden()
    chart.locator("[data-chart=table]").press("Enter")
    last = chart.locator("[data-chart-table] tbody tr").last
    epochs = Execution.objects.filter(trial__experiment=experiment).aggregate(most=Max("epochs"))
    expect(last.get_by_role("cell").first).to_have_text(str(epochs["most"]))

    trial = experiment.trials.get(state="running")
    execution = trial.executions.first()
    longer = {name: [*values, *([0.9] * 40)] for name, values in execution.history.items()}
    execution.history, execution.epochs = longer, len(longer["val_accuracy"])
    execution.save()
    Experiment.objects.filter(pk=experiment.pk).update(event_serial=F("event_serial") + 1)
    serial = Experiment.objects.get(pk=experiment.pk).event_serial
    Trial.objects.filter(pk=trial.pk).update(event_serial=serial)
    expect(last.get_by_role("cell").first).to_have_text(str(execution.epochs))


def test_a_range_that_is_chosen_before_the_curves_came_is_drawn(
    page, live_server, project, editor
):
    experiment = make_experiment(project, trials=12, by=editor)
    chart = page.locator("all-curves")
    with gate(page, "**/all-curves.json*") as held:
        page.goto(live_server.url + reverse("experiments:analysis", args=[experiment.code]))
        chart.scroll_into_view_if_needed()
        held.wait()
        chart.get_by_label("Axis range").select_option("whole")
    expect(chart.locator("[data-chart-empty]")).to_be_hidden()
    chart.locator("[data-chart=table]").press("Enter")
    expect(chart.locator("[data-chart-table] tbody tr").first).to_be_visible()


def test_a_search_without_a_score_says_in_each_chart_what_it_lacks(
    page, live_server, project, editor
):
    experiment = make_experiment(project, trials=4, by=editor)
    for state in ("pruned", "failed"):
        experiment.trials.update(state=state, score=None, metrics={})
        page.goto(live_server.url + reverse("experiments:analysis", args=[experiment.code]))
        for name in ("score-slice", "choice-boxes", "rank-plot", "duration-score"):
            chart = page.locator(name)
            chart.scroll_into_view_if_needed()
            expect(chart.locator("[data-chart-empty]")).to_have_text(
                "No completed trial has a score yet"
            )
        for name in ("all-curves", "worker-timeline"):
            chart = page.locator(name)
            chart.scroll_into_view_if_needed()
            expect(chart.locator("[data-chart-empty]")).to_be_hidden()
        expect(page.locator("parallel-coordinates [data-chart-note]")).to_contain_text(
            "4 of 4 trials"
        )
