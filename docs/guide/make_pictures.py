"""Makes the guide's pictures from a running Tuning Site.

    python docs/guide/make_pictures.py http://localhost:8000 admin PASSWORD

It takes the first project of the list and its newest experiment, as they are.
"""

import re
import sys
from pathlib import Path

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
        page.goto(base + project)
        experiment = first_link(page, r"/experiments/[^/]+/")
        code = experiment.split("/")[2]
        compare = f"{project}compare/?trials={code}:0,{code}:1,{code}:2,{code}:3"
        pages = {
            "home": "/",
            "new-experiment": f"{project}experiments/new/",
            "experiment": experiment,
            "compare": compare,
            "trial": f"{experiment}trials/0/",
            "models": f"{project}models/",
            "data": f"{project}data/",
            "workers": "/workers/",
        }
        for picture, address in pages.items():
            take(page, base + address, picture)
        browser.close()


if __name__ == "__main__":
    main()
