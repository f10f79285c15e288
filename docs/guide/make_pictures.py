"""Makes the guide's pictures from a running Tuning Site.

    python docs/guide/make_pictures.py http://localhost:8000 admin PASSWORD

It starts a search on MNIST in the first project through the form, and takes pictures while it runs.
"""

import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, ViewportSize, sync_playwright

PICTURES = Path(__file__).with_name("pictures")
SIZE: ViewportSize = {"width": 1440, "height": 1000}
CHROMIUM = "/usr/bin/chromium"


def first_link(page: Page, pattern: str) -> str:
    """The first address on the page that is like `pattern`."""
    for anchor in page.query_selector_all("main a[href]"):
        address = anchor.get_attribute("href") or ""
        if re.fullmatch(pattern, address):
            return address
    raise SystemExit(f"No link like {pattern} on {page.url}")


def sign_in(page: Page, base: str, name: str, password: str) -> None:
    """Through the form, as a person would."""
    page.goto(f"{base}/sign-in/")
    page.fill("[name=username]", name)
    page.fill("[name=password]", password)
    page.click("main button[type=submit], form button[type=submit]")
    page.wait_for_url(f"{base}/")


def take(page: Page, address: str, name: str) -> None:
    """One picture, after the page has drawn its charts."""
    page.goto(address)
    page.wait_for_timeout(2500)
    page.screenshot(path=PICTURES / f"{name}.png")


def start_search(page: Page, form: str) -> str:
    """Start the form's own defaults; return the experiment's path once some trials are done."""
    page.goto(form)
    page.fill("[name=name]", "MNIST, dense layers")
    page.click("button:has-text('Start search')")
    page.wait_for_url("**/experiments/*/")
    # A search that has just begun has nothing to show yet; a pruned one settles its trials at its end.
    page.wait_for_selector("trial-table [data-rows] tr:nth-child(12)", timeout=600_000)
    return urlsplit(page.url).path


def main() -> None:
    """Walk through the pages that the guide shows."""
    base, name, password = sys.argv[1].rstrip("/"), sys.argv[2], sys.argv[3]
    program = CHROMIUM if Path(CHROMIUM).exists() else None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE)
        sign_in(page, base, name, password)
        page.goto(f"{base}/projects/")
        project = first_link(page, r"/projects/(?!new/)[^/]+/")
        experiment = start_search(page, f"{base}{project}experiments/new/")
        code = experiment.split("/")[2]
        rows = page.query_selector_all("trial-table [data-rows] tr")
        best = [row.get_attribute("data-number") for row in rows[:4]]
        compare = f"{project}compare/?trials=" + ",".join(f"{code}:{number}" for number in best)
        pages = {
            "home": "/",
            "new-experiment": f"{project}experiments/new/",
            "experiment": experiment,
            "compare": compare,
            "trial": f"{experiment}trials/{best[0]}/",
            "models": f"{project}models/",
            "data": f"{project}data/",
            "workers": "/workers/",
        }
        for picture, address in pages.items():
            take(page, base + address, picture)
        browser.close()


if __name__ == "__main__":
    main()
