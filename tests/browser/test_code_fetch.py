"""Code out of a repository, in Chromium: from the question over the choice of a file to the version."""

import pytest
from django.contrib.auth.models import Permission
from playwright.sync_api import expect

from experiments.jobs import fetch_code
from experiments.models import CodeFetch, HyperModelVersion
from tests.browser.test_axe import violations
from tests.repositories import commit, git, make_repository

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.needs("first run", why="tests/web asks the same pages on every database"),
]
NET = "import keras\nfrom parts import WIDTH\n\n\ndef build(hp):\n    return keras.Sequential()\n"


def work():
    """Be the short worker for the newest question."""
    fetch_code(CodeFetch.objects.first().pk)


def test_its_page_leads_from_the_choice_to_the_kept_version(
    sign_in, live_server, project, editor, settings, tmp_path
):
    settings.CODE_REPOSITORIES = (f"file://{tmp_path}/",)
    repository = make_repository(tmp_path / "nets", {"net.py": NET, "parts.py": "WIDTH = 8\n"})
    listed = git(repository, "rev-parse", "HEAD")
    editor.user_permissions.add(Permission.objects.get(codename="add_code"))
    page = sign_in(editor)
    page.goto(f"{live_server.url}/projects/{project.slug}/code/")
    page.get_by_role("link", name="From a repository").click()
    page.fill("input[name=name]", "Net")
    page.fill("input[name=address]", f"file://{repository}")
    page.fill("input[name=revision]", "main")
    page.get_by_role("button", name="Fetch", exact=True).click()
    part = page.locator("#code-fetch")
    expect(part).to_contain_text("A worker is fetching the file.")

    work()
    choice = page.get_by_label("File", exact=True)
    expect(choice.locator("option")).to_have_text(["net.py", "parts.py"])
    expect(part).to_contain_text(listed)
    assert violations(page) == []
    commit(repository, {"parts.py": "WIDTH = 99\n"})  # the branch moves while somebody chooses
    choice.select_option("net.py")
    page.get_by_role("button", name="Fetch this file").click()
    expect(part).to_contain_text("A worker is fetching the file.")

    work()
    keep = page.get_by_role("button", name="Save as version 1")
    expect(keep).to_be_visible()
    expect(part).to_contain_text("WIDTH = 8")
    expect(part).to_contain_text(listed)
    assert not HyperModelVersion.objects.exists()
    keep.click()
    expect(page.get_by_role("heading", name="Net", level=1)).to_be_visible()
    expect(page.get_by_role("button", name="Fetch again")).to_be_visible()
    version = HyperModelVersion.objects.get()
    assert (version.origin["revision"], version.origin["commit"]) == ("main", listed)
    page.goto("about:blank")  # nothing is asked while the server ends
