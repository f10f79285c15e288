"""Every page by axe-core, in both themes: no violation of WCAG 2.2 AA."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.examples import make_experiment
from tests.web.doors import DOORS
from tests.web.test_access import World, make_world

AXE = Path(configured.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ALL_RULES = {"type": "tag", "values": RULES}
# What a theme changes is colours alone.
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
PARTS = 3
FILES = (".json", ".csv", ".png", ".zip", ".parquet", ".jsonl")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.needs("first run", why="a page's HTML is the same on every database"),
]


@pytest.fixture
def page(sign_in, project, owner) -> Page:
    owner.is_staff = owner.is_superuser = True
    owner.save()
    page: Page = sign_in(owner)
    page.emulate_media(reduced_motion="reduce")  # colours on their way are no colours
    return page


def pages(world: World, client: Any, part: int) -> dict[str, str]:
    """The addresses of this part of the pages that people look at, by their names."""
    found = {}
    asked = [(name, door) for name, door in sorted(DOORS.items()) if door.method == "get"]
    for name, door in asked[part::PARTS]:
        address = world.address(name, door)
        if address.endswith(FILES):
            continue
        answer = client.get(address)
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            found[name] = address
    return found


def violations(page: Page, rules: dict[str, Any] = ALL_RULES) -> list[str]:
    """One line for each element that breaks a rule."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", rules
    )
    return [
        f"{each['id']}: {node['html'][:160]} {node['any'][0]['message'] if node['any'] else ''}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


# In parts: two workers share them, and a slow machine has time enough for each.
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize(
    "themes",
    [
        {"light": ALL_RULES, "dark": COLOURS},
        pytest.param({"dark": ALL_RULES}, marks=pytest.mark.thorough),
    ],
    ids=["both", "dark"],
)
def test_no_page_breaks_a_rule_in_either_theme(
    page, live_server, project, owner, client, part, themes
):
    world = make_world(project, owner)
    found: dict[str, list[str]] = {}
    addresses = pages(world, client, part)
    assert len(addresses) > 30 / PARTS
    for name, address in addresses.items():
        page.goto(live_server.url + address)
        for theme, rules in themes.items():
            page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
            lines = violations(page, rules)
            if lines:
                found[f"{name} ({theme})"] = lines
    assert not found, "\n".join(f"{name}: {line}" for name in found for line in found[name])


def test_open_menus_break_no_rule_either(page, live_server, project, owner):
    experiment = make_experiment(project, trials=4, by=owner)
    page.goto(live_server.url + reverse("experiments:detail", args=[experiment.code]))
    chart, table = page.locator("best-so-far"), page.locator("trial-table")
    menus = [chart.get_by_role("button", name="Save as a file", exact=True)]
    menus += [page.locator("learning-curves").first.get_by_role("button", name="Lines")]
    menus += [table.get_by_role("button", name=name) for name in ("Columns", "Views", "Export")]
    for button in menus:
        button.click()
        expect(button).to_have_attribute("aria-expanded", "true")
        for theme in ("light", "dark"):
            page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
            assert violations(page) == []
        page.keyboard.press("Escape")
        expect(button).to_have_attribute("aria-expanded", "false")
