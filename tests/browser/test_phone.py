"""On a phone a wide table scrolls by itself, never the page."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from experiments.models import Trial
from tests.browser.waiting import resting_box, until_equal
from tests.examples import expect as promise
from tests.examples import make_experiment
from tests.reports.written.test_snapshot import crowned
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
    expect(phone.get_by_text("evaluated differently, so")).to_be_visible()
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
    expect(phone.get_by_text("treat the choices as a scale")).to_be_visible()
    assert abs(resting_box(order)["x"] - resting_box(scale)["x"]) < 1
    stays_within(phone)


# Every page that tells the name of an experiment, here one word that is wider than the screen.
TELLS_NAMES = {
    "home": (),
    "projects:detail": ("slug",),
    "history:list": ("slug",),
    "reports:list": ("slug",),
    "experiments:new": ("slug",),
    **dict.fromkeys(
        (
            *("experiments:detail", "experiments:trials", "experiments:analysis"),
            *("experiments:winner", "experiments:protocol", "experiments:log"),
            *("experiments:findings", "experiments:edit", "experiments:files"),
            *("experiments:export", "experiments:clone"),
        ),
        ("code",),
    ),
}


@pytest.mark.parametrize(
    "names",
    [
        ("home", "experiments:detail", "experiments:winner"),
        pytest.param(TELLS_NAMES, marks=pytest.mark.thorough),
    ],
    ids=["three", "all"],
)
def test_a_name_that_is_one_long_word_widens_no_page(phone, live_server, project, owner, names):
    word = "<b>ع🦊" + "x" * 113
    found = crowned(
        make_experiment(project, name=word, trials=12, repeats=3, by=owner), executions=3
    )
    other = make_experiment(project, name="y" * 120, trials=3, by=owner)
    keys = {"slug": project.slug, "code": found.code}
    pages = [reverse(name, args=[keys[key] for key in TELLS_NAMES[name]]) for name in names]
    pages.append(reverse("trials:detail", args=[found.code, 0]))
    compare = reverse("compare:detail", args=[project.slug])
    pages.append(f"{compare}?trials={found.code}:0,{found.code}:1")
    pages.append(f"{compare}?trials={found.code}:0,{other.code}:1")
    several = reverse("compare:experiments", args=[project.slug])
    pages.append(f"{several}?experiments={found.code},{other.code}")
    for address in pages:
        phone.goto(live_server.url + address)
        stays_within(phone)


def test_the_tools_of_curves_take_one_line_below_the_title(phone, live_server, project):
    experiment = make_experiment(project, trials=3)
    phone.goto(live_server.url + reverse("experiments:detail", args=[experiment.code]))
    head = phone.locator("learning-curves .panel-head").first
    title, axis = head.locator(".panel-title"), head.get_by_label("Axis", exact=True)
    smoothing, full = head.get_by_label("Smoothing"), head.locator("[data-chart=full]")
    expect(full).to_be_visible()
    lines = [resting_box(each) for each in (title, full, axis, smoothing)]
    middle = [box["y"] + box["height"] / 2 for box in lines]
    assert abs(middle[0] - middle[1]) < 12 and abs(middle[2] - middle[3]) < 6
    assert resting_box(head)["height"] < 80


@pytest.mark.parametrize("width", [390, 800, 1440])
def test_the_key_numbers_of_a_trial_stand_beside_each_other(phone, live_server, project, width):
    """Nine of them once stood letter by letter where a search of folds had an expected score."""
    experiment = make_experiment(project, trials=12, repeats=3)
    trial = experiment.best_trial
    promise(trial, value=0.8375, low=0.8, high=0.875)
    Trial.objects.filter(pk=trial.pk).update(predicted=0.81, uncertainty=0.02)
    phone.set_viewport_size({"width": width, "height": 844})
    phone.goto(live_server.url + reverse("trials:detail", args=[experiment.code, trial.number]))
    phone.evaluate("document.fonts.ready.then(() => null)")
    strip = phone.locator(".stat-strip").first
    expect(strip).to_contain_text("Expected on new rows")
    boxes = strip.locator(".stat").evaluate_all(
        "all => all.map(e => [e.clientWidth, e.scrollWidth - e.clientWidth])"
    )
    assert len(boxes) >= 6
    assert min(wide for wide, _ in boxes) >= 110, boxes
    assert [over for _, over in boxes if over > 0] == [], boxes
    stays_within(phone)
