"""Pages in Chromium whose charts load: what stands below them stays where it is."""

import numpy as np
import pytest
from django.urls import reverse
from playwright.sync_api import Page

from tests.browser.waiting import gate, until
from tests.examples import make_experiment
from tests.web.test_predictions import keep

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.needs("first run", why="tests/web asks the same pages on every database"),
]
OTHERS = [
    pytest.param(kind, marks=pytest.mark.thorough) for kind in ("overview", "trials", "searches")
]
EVERY_CHART = 9000  # pixels: a window that shows all at once has all of them load
# Of charts, of the buttons that people press meanwhile, and of what else a page holds.
PLACES = """[...document.querySelectorAll("main :is(.panel, .section, [data-chart=table])")].map((each) => {
  const { x, y } = each.getBoundingClientRect();
  return `${each.closest(".chart")?.localName ?? ""} ${each.className}: ${x}, ${y}`;
})"""
LOADED = (
    """[...document.querySelectorAll("main [data-chart-empty]")].every(({ hidden }) => hidden)"""
)


@pytest.fixture
def search(project, editor):
    return make_experiment(project, trials=40, failing=True, repeats=2, by=editor)


@pytest.fixture
def addresses(project, search, data_dir) -> dict[str, str]:
    """Of a page of each kind that has charts."""
    other = make_experiment(project, name="other search", trials=20, repeats=2)
    rng = np.random.default_rng(0)
    trial = search.trials.filter(state="completed").first()
    keep(trial, 0, np.arange(300), rng.integers(0, 10, 300), rng.dirichlet(np.ones(10), 300))
    trials = f"{search.code}:0,{search.code}:1,{other.code}:0"
    return {
        "analysis": reverse("experiments:analysis", args=[search.code]),
        "overview": reverse("experiments:detail", args=[search.code]),
        "trial": reverse("trials:detail", args=[search.code, trial.number]),
        "trials": reverse("compare:detail", args=[project.slug]) + f"?trials={trials}",
        "searches": reverse("compare:experiments", args=[project.slug])
        + f"?experiments={search.code},{other.code}",
    }


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("kind", ["analysis", "trial", *OTHERS])
def test_nothing_moves_while_charts_load(sign_in, viewer, live_server, addresses, kind, width):
    page: Page = sign_in(viewer)
    page.set_viewport_size({"width": width, "height": EVERY_CHART})
    with gate(page, "**/*.json*") as data:
        page.goto(live_server.url + addresses[kind])
        data.wait()
        page.evaluate("document.fonts.ready.then(() => null)")
        before = page.evaluate(PLACES)
    until(page, LOADED)
    page.evaluate(
        "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
    )
    assert page.evaluate(PLACES) == before
