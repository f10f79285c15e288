"""On a phone a wide table scrolls by itself, never the page."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.browser.waiting import resting_box, until_equal
from tests.examples import make_experiment
from tests.searches import make_dataset

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.needs("first run", why="tests/web asks the same pages on every database"),
]


@pytest.fixture
def phone(sign_in, owner, project) -> Page:
    page: Page = sign_in(owner)
    page.set_viewport_size({"width": 390, "height": 844})
    return page


def stays_within(phone: Page) -> None:
    """Nothing reaches beyond the page's body."""
    phone.evaluate("document.fonts.ready.then(() => null)")
    until_equal(phone, "document.documentElement.scrollWidth - document.body.clientWidth", 0)


def test_members_with_their_buttons_fit(phone, live_server, project, owner):
    owner.username = "somebody-with-a-long-name"
    owner.save()
    phone.goto(live_server.url + reverse("projects:members", args=[project.slug]))
    stays_within(phone)


def test_a_comparison_of_trials_that_were_not_judged_alike_fits(phone, live_server, project):
    once = make_experiment(project, name="one-seed", trials=3)
    thrice = make_experiment(project, name="three-seeds", trials=3, repeats=3)
    names = [f"{each.code}:{number}" for each in (once, thrice) for number in range(3)]
    address = reverse("compare:detail", args=[project.slug]) + "?trials=" + ",".join(names)
    phone.goto(live_server.url + address)
    expect(phone.get_by_text("not judged alike, so")).to_be_visible()
    stays_within(phone)


def test_words_in_a_table_keep_room_for_more_than_one_on_a_line(phone, live_server, project):
    experiment = make_experiment(project, trials=12)
    phone.goto(live_server.url + reverse("experiments:log", args=[experiment.code]))
    what = phone.locator("tbody td.wrap").first
    assert resting_box(what)["width"] >= 200
    stays_within(phone)


def test_the_row_of_a_choice_shows_all_of_its_name_and_its_order(phone, live_server, project):
    make_dataset()
    phone.goto(live_server.url + reverse("experiments:new", args=[project.slug]))
    row = phone.locator("[data-name=learning_rate]")
    name, kind = resting_box(row.locator("th .mono")), resting_box(row.locator("[data-type]"))
    assert name["x"] + name["width"] <= kind["x"]
    order = row.get_by_label("Order of the choices of learning_rate")
    order.select_option("0")
    assert order.evaluate("it => it.scrollWidth <= it.clientWidth")
    scale = phone.get_by_label("Scale of units")
    expect(phone.get_by_text("whether neighbours in the list are alike")).to_be_visible()
    assert abs(resting_box(order)["x"] - resting_box(scale)["x"]) < 1
    stays_within(phone)
