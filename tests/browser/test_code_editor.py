"""The code editor in Chromium: what is typed is what the form sends, problems stand at their lines, keys lead out."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Permission
from playwright.sync_api import Page, expect

from experiments.models import HyperModelVersion
from experiments.services.code.versions import add_code, record_reading
from tests.browser.test_axe import violations

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.needs("first run", why="tests/web asks the same pages on every database"),
]
GOOD = "import keras\n\n\ndef build(hp):\n    return keras.Sequential()\n"


@pytest.fixture
def author(editor):
    editor.user_permissions.add(Permission.objects.get(codename="add_code"))
    return editor


@pytest.fixture
def page(sign_in, author) -> Iterator[Page]:
    page: Page = sign_in(author)
    page.emulate_media(reduced_motion="reduce")
    yield page
    page.goto("about:blank")  # nothing is asked while the server ends


def opened(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("code-editor[data-ready] .cm-content")).to_be_visible()


def write(page: Page, text: str) -> None:
    """In place of all that stands there."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def test_what_is_typed_is_sent_and_the_policy_allows_all_of_it(page, live_server, project):
    opened(page, f"{live_server.url}/projects/{project.slug}/code/new/")
    area = page.locator("textarea[name=source]")
    expect(area).to_be_hidden()
    write(page, GOOD)
    expect(area).to_have_value(GOOD)
    expect(page.locator(".cm-lineNumbers")).to_contain_text("4")
    page.fill("input[name=name]", "Net")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Net")).to_be_visible()
    assert HyperModelVersion.objects.get().source == GOOD


def test_keys_complete_names_indent_leave_search_and_take_over_what_others_write(
    page, live_server, project
):
    opened(page, f"{live_server.url}/projects/{project.slug}/code/new/")
    write(page, "import keras\n")
    page.keyboard.press("Control+End")
    page.keyboard.type("x = keras.layers.Den")
    first = page.locator(".cm-tooltip-autocomplete li[aria-selected]")
    expect(first).to_contain_text("Dense(units, activation=None")
    # The list takes no key in its first moments, lest one that was meant for the text chooses.
    expect(page.locator("textarea[name=source]")).to_have_value(
        "import keras\nx = keras.layers.Den"
    )
    first.click()
    expect(page.locator("textarea[name=source]")).to_have_value(
        "import keras\nx = keras.layers.Dense"
    )
    page.keyboard.type("\ny = hp.In")
    expect(first).to_contain_text("Int(name, min_value, max_value")
    page.keyboard.press("Escape")

    write(page, "x")
    page.keyboard.press("Home")
    page.keyboard.press("Tab")
    expect(page.locator("textarea[name=source]")).to_have_value("    x")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.locator("input[name=file]")).to_be_focused()

    page.locator("textarea[name=source]").evaluate(
        "area => { area.value = 'f(1)'; area.dispatchEvent(new Event('input', { bubbles: true })) }"
    )
    expect(page.locator(".cm-content")).to_have_text("f(1)")
    page.locator("main label", has_text="Code").click()
    expect(page.locator(".cm-content")).to_be_focused()
    page.keyboard.press("Control+End")
    expect(page.locator(".cm-matchingBracket")).to_have_count(2)
    page.keyboard.press("Control+f")
    expect(page.locator(".cm-search input[name=search]")).to_be_focused()


def test_a_problem_stands_at_its_line_and_its_link_leads_there(page, live_server, project, author):
    version = add_code(project, "Net", GOOD + "\n" * 60 + "x = y\n", by=author)
    record_reading(version.pk, {"rows": [], "problem": "NameError: no name 'y'", "line": 66})
    opened(
        page,
        f"{live_server.url}/projects/{project.slug}/code/{version.hypermodel_id}/edit/",
    )
    page.get_by_role("link", name="Line 66").click()
    marker = page.locator(".cm-lint-marker-error")
    expect(marker).to_be_visible()
    expect(page.locator(".cm-content")).to_be_focused()
    marker.hover()
    expect(page.locator(".cm-tooltip-lint")).to_contain_text("no name 'y'")


def test_the_open_editor_breaks_no_rule_and_fits_a_phone(page, live_server, project):
    page.set_viewport_size({"width": 390, "height": 844})
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        opened(page, f"{live_server.url}/projects/{project.slug}/code/new/")
        page.locator(".cm-content").click()
        page.keyboard.press("Control+f")
        expect(page.locator(".cm-search input[name=search]")).to_be_focused()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_without_scripts_the_text_area_is_there(browser, page, live_server, project):
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(page.context.cookies())
    plain = context.new_page()
    plain.goto(f"{live_server.url}/projects/{project.slug}/code/new/")
    expect(plain.locator("textarea[name=source]")).to_be_visible()
    expect(plain.locator("[data-editor-help]")).to_be_hidden()
    context.close()


def test_a_version_and_its_difference_stand_in_the_colours_of_the_editor(
    page, live_server, project, author
):
    old = add_code(project, "Net", GOOD + 'NAME = """a\nb"""\n', by=author)
    add_code(project, "Net", GOOD.replace("Sequential()", "Sequential([])"), by=author)
    address = f"{live_server.url}/projects/{project.slug}/code/{old.hypermodel_id}/"
    page.goto(f"{address}?version=1")
    source = page.locator("#code-source")
    expect(source.locator(".py-word")).to_have_text(["import", "def", "return"])
    expect(source.locator(".py-text")).to_have_text(['"""a', 'b"""'])
    assert source.text_content() == old.source
    page.goto(address)
    removed = page.locator(".diff > .diff-removed")
    expect(removed.first.locator(".diff-sign")).to_have_text("-")
    expect(removed.first.locator(".py-word")).to_have_text("return")
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
        assert violations(page) == []
