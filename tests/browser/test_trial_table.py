"""The trial table in Chromium: its window over many rows, and the keys."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.examples import make_experiment

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.needs("first run", why="tests/web asks the same pages on every database"),
]

# Whether lines fill the table's height, from below its head to its end; and how many stand in the document.
STANDING = """() => {
  const scroller = document.querySelector("trial-table .table-scroll");
  const top = scroller.querySelector("thead th").getBoundingClientRect().bottom;
  const bottom = scroller.getBoundingClientRect().top + scroller.clientHeight;
  const lines = [...scroller.querySelectorAll("tr[data-number]:not(.is-best)")];
  const rects = lines.map((line) => line.getBoundingClientRect()).sort((a, b) => a.top - b.top);
  const seen = rects.filter((rect) => rect.bottom > top && rect.top < bottom);
  const filled = seen.reduce((sum, rect) => sum + rect.height, 0);
  return { lines: lines.length, isFilled: filled > bottom - top - 120 };
}"""
QUICKLY = """(tops) => {
  const scroller = document.querySelector("trial-table .table-scroll");
  for (const top of tops) scroller.scrollTop = top * scroller.scrollHeight;
}"""
TALL = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("trial-table tr.is-best td { height: 90px; white-space: normal; }");
  document.adoptedStyleSheets = [sheet];
}"""


@pytest.fixture
def page(sign_in, editor, live_server, project) -> Page:
    experiment = make_experiment(project, trials=600, state="paused", by=editor)
    page: Page = sign_in(editor)
    page.goto(live_server.url + reverse("experiments:trials", args=[experiment.code]))
    expect(page.locator("[data-shown]")).to_have_text("600 trials")
    return page


def standing(page: Page) -> dict[str, object]:
    """How it is a while after the last scroll: at once where it is well, else after five seconds."""
    found: dict[str, object] = {}
    for _ in range(50):
        page.wait_for_timeout(100)
        found = page.evaluate(STANDING)
        if found["isFilled"]:
            break
    return found


def test_the_screen_is_full_wherever_a_quick_hand_stops(page):
    for _ in range(90):
        page.keyboard.press("j")
    current = page.locator("trial-table tr.is-current")
    expect(current).to_be_focused()
    expect(current).to_be_in_viewport()
    assert standing(page)["isFilled"]

    for rows in ("equal", "the best one wraps"):
        if rows != "equal":
            page.evaluate(TALL)
        for tops in ([0.5, 0.1, 0.9], [1.0, 0.0], [0.0, 1.0], [0.3, 0.8, 0.45], [0.97], [0.02]):
            page.evaluate(QUICKLY, tops)
            found = standing(page)
            assert found["isFilled"], (rows, tops, found)
            assert found["lines"] < 80
    page.get_by_label("Filter", exact=True).fill("number >= 590")
    expect(page.locator("[data-shown]")).to_have_text("10 of 600 trials")
    expect(page.locator("trial-table tr[data-number]")).to_have_count(10)


def test_keys_move_open_choose_and_compare(page):
    numbers = page.locator("trial-table tr[data-number]").evaluate_all(
        "lines => lines.slice(0, 3).map((line) => Number(line.dataset.number))"
    )
    page.keyboard.press("j")
    current = page.locator("trial-table tr.is-current")
    expect(current).to_have_attribute("data-number", str(numbers[0]))
    expect(current).to_be_focused()
    for _ in range(2):
        page.keyboard.press("j")
    expect(current).to_have_attribute("data-number", str(numbers[2]))
    page.keyboard.press("k")
    expect(current).to_have_attribute("data-number", str(numbers[1]))

    page.keyboard.press("x")
    expect(page).to_have_url(re.compile(rf"chosen={numbers[1]}\b"))
    page.keyboard.press("Enter")
    expect(page.locator("trial-table tr.opened")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"open={numbers[1]}\b"))
    page.keyboard.press("Escape")
    expect(page.locator("trial-table tr.opened")).to_have_count(0)

    page.keyboard.press("/")
    expect(page.get_by_label("Filter", exact=True)).to_be_focused()
    page.keyboard.type("x")  # in a field a key is a letter
    expect(page.get_by_label("Filter", exact=True)).to_have_value("x")
    page.get_by_label("Filter", exact=True).fill("")
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("c")
    expect(page).to_have_url(re.compile("/compare/"))


def test_a_key_pressed_before_the_rows_are_loaded_counts_and_a_filter_that_cant_be_read_selects_nothing(
    page,
):
    def late(route):
        page.keyboard.press("j")
        page.keyboard.press("x")
        route.continue_()

    page.route("**/history.json*", late)
    page.reload()
    current = page.locator("trial-table tr.is-current")
    expect(current).to_have_count(1)
    expect(current.get_by_role("checkbox")).to_be_checked()
    current.get_by_role("checkbox").uncheck()
    page.unroute_all()

    box, bar = page.locator("#trial-filter"), page.locator("selection-bar")
    box.fill("units > 100")
    expect(bar).to_be_visible()
    box.fill("nosuch > 3")
    expect(page.locator("#trial-filter-note")).to_contain_text('There is no column "nosuch"')
    expect(bar).to_be_hidden()
    page.locator("trial-table tbody input[type=checkbox]").first.check()
    expect(bar).to_contain_text("1 selected")
    expect(bar).not_to_contain_text("nosuch")
