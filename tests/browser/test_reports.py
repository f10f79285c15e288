"""Reports in Chromium: made by one click, written, switched to live, drawn, and printed."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from experiments.models import Report, Trial
from tests.browser.test_live import bump
from tests.browser.waiting import gate, until, until_equal
from tests.examples import make_experiment
from tests.reports.written.test_snapshot import crowned

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DRAWN = ("best-so-far", "learning-curves", "hyperparameter-importance", "parallel-coordinates")
# What a print does before it is laid out; the dialog itself is the browser's.
# Charts that reach beyond the paper, or are no finer than on a screen.
UNFIT_CANVASES = """[...document.querySelectorAll("canvas")].filter((it) => it.checkVisibility()).map((it) => {
  const { left, right, width } = it.getBoundingClientRect();
  return { left, right, width, pixels: it.width, paper: document.body.getBoundingClientRect().width };
}).filter((it) => it.left < 0 || it.right > it.paper + 1 || it.pixels <= 2.5 * it.width)"""
BEGIN = "window.dispatchEvent(new Event('beforeprint'))"
END = "window.dispatchEvent(new Event('afterprint'))"


@pytest.fixture
def page(sign_in, editor) -> Page:
    page: Page = sign_in(editor)
    return page


@pytest.fixture
def experiment(project, editor):
    return crowned(make_experiment(project, trials=60, repeats=3, by=editor), executions=3)


def make(page, live_server, experiment) -> Report:
    page.goto(live_server.url + reverse("experiments:detail", args=[experiment.code]))
    page.get_by_role("button", name="Create report").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("mnist-dense: findings")
    return Report.objects.get()


def press(button: Locator) -> None:
    """By keyboard: these pages open at a block and scroll there once loaded, away from under a mouse."""
    button.press("Enter")


def is_drawn(page, name) -> None:
    chart = page.locator(name)
    expect(chart.locator("[data-chart-empty]")).to_be_hidden()


def test_one_click_makes_it_and_frozen_charts_draw_what_was_there(
    page, live_server, experiment, editor
):
    report = make(page, live_server, experiment)
    for name in DRAWN:
        is_drawn(page, name)
    expect(page.locator("parallel-coordinates [data-chart-note]")).to_contain_text("60 of 60")

    Trial.objects.filter(experiment=experiment, number__gte=20).delete()
    page.reload()
    expect(page.locator("parallel-coordinates [data-chart-note]")).to_contain_text("60 of 60")

    page.get_by_role("link", name="Edit").click()
    row = page.get_by_role("region", name=re.compile("Parallel coordinates$"))
    row.get_by_label("Live").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    expect(page.locator("parallel-coordinates [data-chart-note]")).to_contain_text("20 of 20")
    expect(page.locator(".report-as-of .chip", has_text="live")).to_have_count(1)
    report.refresh_from_db()
    assert report.revision == 2


def test_markdown_is_written_without_losing_anything_on_the_way(page, live_server, experiment):
    make(page, live_server, experiment)
    page.get_by_role("link", name="Edit").click()
    press(page.get_by_role("button", name="Text here").first)
    text = page.get_by_label("Text of block 1, in Markdown")
    expect(text).to_be_focused()
    text.fill("# What it means\n\n<img src=x onerror=alert(1)> **It holds.**")
    page.get_by_label("Title").fill("Our report")
    press(page.get_by_role("button", name="Move block 1 down"))
    moved = page.get_by_label("Text of block 2, in Markdown")
    expect(moved).to_have_value(re.compile("It holds"))
    press(page.get_by_role("button", name="Preview"))
    expect(page.get_by_role("region", name="Preview")).to_contain_text("What it means")
    press(page.get_by_role("button", name="Save", exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text("Our report")
    expect(page.get_by_role("heading", level=2, name="What it means")).to_be_visible()
    expect(page.locator(".report-text")).to_contain_text("<img src=x onerror=alert(1)>")
    expect(page.locator(".report-text img")).to_have_count(0)


def test_what_is_not_saved_is_asked_for_before_it_is_left(page, live_server, experiment):
    make(page, live_server, experiment)
    page.get_by_role("link", name="Edit").click()
    page.wait_for_load_state()
    page.get_by_label("Title").fill("Half a thought")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("mnist-dense: findings")
    assert asked == ["beforeunload"]


def test_what_was_written_before_the_script_came_is_asked_for_too(page, live_server, experiment):
    make(page, live_server, experiment)
    with gate(page, "**/built/report-edit.js*") as held:
        page.get_by_role("link", name="Edit").click()
        held.wait()
        page.get_by_label("Title").fill("Half a thought")
    page.wait_for_load_state()
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("mnist-dense: findings")
    assert asked == ["beforeunload"]


def test_paper_is_light_whole_and_without_what_can_only_be_pressed(
    page, live_server, experiment, tmp_path
):
    page.emulate_media(color_scheme="dark")
    make(page, live_server, experiment)
    for name in DRAWN:
        is_drawn(page, name)
    root = page.locator("html")
    expect(root).to_have_attribute("data-bs-theme", "dark")

    page.evaluate(BEGIN)
    expect(root).to_have_attribute("data-bs-theme", "light")
    page.emulate_media(media="print")
    for gone in (".rail", ".page-actions", ".page-top", ".chart .btn", ".alert"):
        expect(page.locator(gone).first, gone).to_be_hidden()
    source = page.locator(".print-source")
    expect(source).to_have_text(re.compile("^\\s*mnist-dense: findings"))
    expect(source).to_contain_text(live_server.url)
    # The width of an A4 page between its margins, 186 mm.
    until(page, "Math.abs(document.body.getBoundingClientRect().width - 703) < 3")
    until_equal(page, UNFIT_CANVASES, [])
    page.evaluate(END)
    page.emulate_media(media="screen", color_scheme="dark")
    expect(root).to_have_attribute("data-bs-theme", "dark")
    expect(page.locator(".rail")).to_be_visible()

    paper = page.pdf(path=tmp_path / "report.pdf", format="A4")
    assert paper.startswith(b"%PDF") and len(paper) > 20_000
    expect(root).to_have_attribute("data-bs-theme", "dark")


def test_pages_of_an_experiment_fit_on_paper(page, live_server, experiment):
    over = (
        "[...document.querySelectorAll('main *')].filter((it) => it.checkVisibility() &&"
        " it.getBoundingClientRect().right > document.body.getBoundingClientRect().right + 2)"
        ".map((it) => it.outerHTML.slice(0, 90))"
    )
    for address in (
        reverse("experiments:detail", args=[experiment.code]),
        reverse("experiments:winner", args=[experiment.code]),
        reverse("trials:detail", args=[experiment.code, experiment.best_trial.number]),
    ):
        page.emulate_media(media="screen")
        page.goto(live_server.url + address)
        page.evaluate(BEGIN)
        page.emulate_media(media="print")
        expect(page.locator(".rail")).to_be_hidden()
        expect(page.locator(".print-source")).to_be_visible()
        until_equal(page, over, [])


def test_live_blocks_follow_a_search_that_runs_and_frozen_ones_do_not(
    page, live_server, project, editor
):
    search = make_experiment(
        project, trials=20, running=2, by=editor, state="running", max_trials=30
    )
    make(page, live_server, search)
    page.get_by_role("link", name="Edit").click()
    for name in ("Parallel coordinates$", "Best so far$"):
        page.get_by_role("region", name=re.compile(name)).get_by_label("Live").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".report-as-of", has_text="updates with the search")).to_have_count(2)
    note = page.locator("parallel-coordinates [data-chart-note]")
    expect(note).to_contain_text("trials")
    is_drawn(page, "best-so-far")
    best = page.locator("best-so-far")
    best.locator("[data-chart=table]").press("Enter")
    expect(best.locator("table")).not_to_contain_text("0.9987")
    trial = search.trials.get(number=3)
    bump(trial, state=Trial.State.COMPLETED, score=0.9987)
    expect(best.locator("table")).to_contain_text("0.9987")
