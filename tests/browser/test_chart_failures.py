"""Charts in Chromium whose data does not arrive: chart and table say so, and try again."""

from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.examples import make_experiment

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORDS = "The chart's data could not be loaded."
AWAY = "The server is away."
# An answer that fails would be told on the console as well, and the page's fixture allows none there.
CUT = """refused => {
  const answer = window.fetch;
  window.refused = refused;
  window.fetch = (address, ...more) =>
    window.refused && String(address).includes(window.refused)
      ? Promise.reject(new Error("The server is away."))
      : answer(address, ...more);
}"""


def cut(page: Page, address: str) -> None:
    """From now on, on this page and the next, nothing of such an address arrives."""
    page.add_init_script(f"({CUT})({address!r})")
    page.evaluate(CUT, address)


def mend(page: Page) -> None:
    page.evaluate("window.refused = null")


@pytest.fixture
def page(sign_in, editor) -> Iterator[Page]:
    page: Page = sign_in(editor)
    yield page
    page.goto("about:blank")  # nothing is asked while the server ends


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("score-distribution", "distribution.json"),
        ("all-curves", "all-curves.json"),
        ("hyperparameter-importance", "importance.json"),
        ("parallel-coordinates", "history.json"),
    ],
)
def test_what_did_not_arrive_is_told_in_chart_and_table_and_tried_again(
    page, live_server, project, editor, name, refused
):
    experiment = make_experiment(project, trials=40, by=editor)
    cut(page, f"/{refused}")
    page.goto(live_server.url + reverse("experiments:analysis", args=[experiment.code]))
    chart = page.locator(name)
    chart.scroll_into_view_if_needed()
    told = chart.locator("[data-chart-empty]")
    expect(told).to_contain_text(WORDS)
    # By keyboard: charts above may still grow, and a button that moves under a mouse isn't clicked.
    chart.locator("[data-chart=table]").press("Enter")
    table = chart.locator("[data-chart-table]")
    expect(table).to_contain_text(f"{WORDS} {AWAY}")

    mend(page)
    table.get_by_role("button", name="Try again").press("Enter")
    expect(told).to_be_hidden()
    expect(table.get_by_role("row").first).to_be_visible()
    expect(table).not_to_contain_text(WORDS)


def test_one_press_asks_for_all_that_a_chart_waits_for(page, live_server, project, editor):
    searches = [make_experiment(project, name=name, trials=3, by=editor) for name in "ab"]
    keys = ",".join(f"{search.code}:0" for search in searches)
    cut(page, "/curves.json")
    page.goto(live_server.url + reverse("compare:detail", args=[project.slug]) + f"?trials={keys}")
    told = page.locator("compared-curves [data-chart-empty]")
    expect(told.first).to_contain_text(WORDS)
    mend(page)
    told.first.get_by_role("button", name="Try again").click()
    expect(told.first).to_be_hidden()


def test_a_drawn_chart_stays_when_it_could_not_be_renewed(page, live_server, project, editor):
    searches = [make_experiment(project, name=name, trials=5, by=editor) for name in "ab"]
    query = "?experiments=" + ",".join(str(search.code) for search in searches)
    page.goto(live_server.url + reverse("compare:experiments", args=[project.slug]) + query)
    chart = page.locator("search-lines[kind=best]")
    told = chart.locator("[data-chart-empty]")
    expect(told).to_be_hidden()
    cut(page, "/scores.json")
    page.evaluate("document.dispatchEvent(new Event('compared-news'))")
    expect(chart.locator("[data-chart-note]")).to_have_text(f"Not updated. {AWAY}")
    expect(told).to_be_hidden()
    mend(page)
    page.evaluate("document.dispatchEvent(new Event('compared-news'))")
    expect(chart.locator("[data-chart-note]")).to_have_text("")
