"""An experiment's page in Chromium on the real web server: told, not asking; and it says when nobody tells."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser]

EPOCHS = "[...document.querySelectorAll('trial-table [data-rows] tr[data-number=\"4\"] td')].map((cell) => cell.textContent).join(' ')"


@pytest.fixture
def tab(web, browser):
    """A tab of its own: a server that is gone is an error in the console, here a wanted one."""
    context = browser.new_context()
    cookie = {"name": "tuning_site_session", "value": web.told["sessions"][0], "url": web.base}
    context.add_cookies([cookie])
    tab = context.new_page()
    broken = []
    tab.on("pageerror", lambda error: broken.append(str(error)))
    yield tab
    context.close()
    assert broken == []


def test_an_epoch_arrives_without_a_question_and_a_lost_server_is_told(web, tab):
    asked = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(f"{web.base}{web.page}")
    running = tab.locator("running-trials canvas")
    expect(running).to_have_count(1)  # it comes with the first report
    before = tab.evaluate(EPOCHS)
    web.add_epoch()
    cells = tab.locator('trial-table [data-rows] tr[data-number="4"]')
    expect(cells).not_to_have_text(re.compile(f"^{re.escape(before)}$"))
    expect(tab.locator("[data-age]")).to_have_text("updated just now")
    assert [url for url in asked if "live.json" in url] == []
    assert sum("live.events" in url for url in asked) == 1
    banner = tab.locator("[data-link-lost]")
    expect(banner).to_be_hidden()
    web.stop()
    expect(banner).to_be_visible(timeout=60_000)
    expect(tab.locator("[data-age]")).to_contain_text("connection lost")
    web.start()
    expect(banner).to_be_hidden(timeout=60_000)


HIDE = """(isHidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_a_hidden_tab_gives_its_connection_up_and_follows_again_when_it_is_seen(web, tab):
    asked = []
    tab.on("request", lambda request: asked.append(request.url))
    with tab.expect_request("**/live.events*") as following:
        tab.goto(f"{web.base}{web.page}")
    expect(tab.locator("running-trials canvas")).to_have_count(1)
    with tab.expect_event("requestfailed", lambda failed: failed == following.value):
        tab.evaluate(HIDE, True)
    asked.clear()
    web.add_epoch()
    tab.wait_for_timeout(2500)
    assert [url for url in asked if "live." in url] == []
    with tab.expect_request("**/live.events*"):
        tab.evaluate(HIDE, False)
