"""The edit page in a real Chromium: a link fills it in, a dialog tells what saving will do."""

import pytest
from playwright.sync_api import expect

from experiments.search.space.space import Space
from tests.browser.test_axe import violations
from tests.examples import make_experiment

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("queues"),
    pytest.mark.needs("first run", why="a page's HTML is the same on every database"),
]


def test_a_change_is_reviewed_in_a_dialog_before_it_is_saved(
    sign_in, live_server, project, owner, editor
):
    search = make_experiment(project, trials=12, max_trials=20, state="running", by=owner)
    page = sign_in(editor)
    address = f"{live_server.url}/experiments/{search.code}/edit/?narrow=units:32:256&tune=epochs"
    page.emulate_media(reduced_motion="reduce")
    page.goto(address)
    expect(page.locator("[aria-label='units to']")).to_have_value("256")
    page.uncheck("[aria-label='Tune epochs']")
    page.get_by_role("button", name="Review and save").click()
    review = page.locator("dialog.edit-review:modal")
    expect(review).to_contain_text("int 32 to 256, step 32")
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
        assert violations(page) == []
    review.get_by_text("Back to the form").click()
    expect(review).to_have_count(0)
    page.fill("[aria-label='units to']", "128")
    page.get_by_role("button", name="Review and save").click()
    expect(review).to_contain_text("int 32 to 128, step 32")
    review.get_by_role("button", name="Save these changes").click()
    expect(page.locator("main")).to_contain_text("Saved.")
    space = Space.from_dict(search.space_versions.get(number=2).space)
    assert space["units"].max == 128 and not space["epochs"].is_searched
