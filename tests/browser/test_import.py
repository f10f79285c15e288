"""An import that a worker does, in Chromium: from the file over its report and its progress to the experiment."""

import pytest
from playwright.sync_api import expect

from experiments import jobs
from experiments.models import Experiment
from experiments.queues import SHORT, queue
from experiments.services.imports.import_jobs import AT_ONCE, tell_job
from tests.browser.test_axe import violations
from tests.browser.waiting import gate

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.needs("first run", why="tests/web asks the same pages on every database"),
]
COUNT = AT_ONCE + 1


def work():
    """Be the short worker for what waits."""
    (job,) = queue(SHORT).get_job_ids()
    (file,) = queue(SHORT).fetch_job(job).args
    queue(SHORT).empty()
    jobs.run_import(file)


def test_a_file_that_is_chosen_before_the_script_came_is_told(
    sign_in, live_server, project, editor, tmp_path
):
    table = tmp_path / "early.csv"
    table.write_text("a,score\n1,2\n")
    page = sign_in(editor)
    with gate(page, "**/built/site.js*") as held:
        address = f"{live_server.url}/projects/{project.slug}/experiments/import/"
        page.goto(address, wait_until="commit")
        held.wait()
        page.locator("input[type=file]").set_input_files(table)
    expect(page.locator("file-drop [data-message]")).to_contain_text("early.csv, 0.0 MB")


def test_the_result_says_what_was_added_completed_and_where_it_differs(
    sign_in, live_server, project, editor, tmp_path
):
    def bring(*lines):
        table = tmp_path / "search.csv"
        table.write_text("\n".join(["id,params.a,state,score", *lines]))
        page.goto(f"{live_server.url}/projects/{project.slug}/experiments/import/")
        page.locator("input[type=file]").set_input_files(table)
        page.select_option("select[name=direction]", "maximize")
        page.get_by_role("button", name="Preview", exact=True).click()
        expect(page.get_by_role("heading", name="Contents")).to_be_visible()
        assert violations(page) == []
        return page.locator("#import-progress")

    def settle(button, words):
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.get_by_text(words).first).to_be_visible()
        assert violations(page) == []

    page = sign_in(editor)
    bring("1,1,completed,0.5", "2,2,running,")
    settle("Import", "Imported 2 trials.")
    grown = ("1,1,completed,0.5", "2,2,completed,0.6", "3,3,completed,0.7")
    said = "1 trial added, 1 completed, 1 unchanged."
    expect(bring(*grown)).to_contain_text(
        f"Already imported as search, and the same search: {said}"
    )
    settle("Update", f"Updated: {said}")
    bring(*grown)
    settle("Update", "Already imported, nothing changed: 3 trials unchanged.")
    part = bring("1,1,completed,0.9", *grown[1:])
    expect(part).to_contain_text("“search” looks alike, but 1 trial differs.")
    expect(part).to_contain_text("Trial 1: score 0.9 now, 0.5 when it was imported.")
    settle("Import", "Imported 3 trials as a new experiment.")
    expect(page.get_by_role("heading", name="search (2)", level=1)).to_be_visible()
    page.goto("about:blank")  # nothing is asked while the server ends


def test_its_page_leads_from_the_file_to_the_experiment(
    sign_in, live_server, project, editor, monkeypatch, tmp_path
):
    # Every file is heavy, so that a worker looks at this one too.
    monkeypatch.setattr("experiments.services.imports.sources.AT_ONCE_BYTES", 0)
    table = tmp_path / "big.csv"
    table.write_text("\n".join(["a,score", *(f"{n % 97},{n}" for n in range(COUNT))]))
    page = sign_in(editor)
    page.goto(f"{live_server.url}/projects/{project.slug}/experiments/import/")
    page.locator("input[type=file]").set_input_files(table)
    page.fill("input[name=name]", "Brought along")
    page.select_option("select[name=direction]", "maximize")
    page.get_by_role("button", name="Preview", exact=True).click()
    part = page.locator("#import-progress")
    expect(part).to_contain_text("waiting for a worker")

    work()
    expect(page.get_by_role("heading", name="Contents")).to_be_visible()
    expect(part).to_contain_text(f"The first 20 of {COUNT} trials")
    expect(page.locator("input[name=name]")).to_have_value("Brought along")
    assert violations(page) == []
    page.get_by_role("button", name="Import", exact=True).click()
    expect(part).to_contain_text("waiting for a worker")

    seen = []

    def tell(job, **columns):
        told = tell_job(job, **columns)
        if columns.get("state") == "running" and columns.get("done"):
            expect(part).to_contain_text(f"{COUNT} of {COUNT} trials are ready")
            bar = page.get_by_role("progressbar", name="Trials ready")
            expect(bar).to_have_attribute("value", str(COUNT))
            seen.append(Experiment.objects.count())
        return told

    monkeypatch.setattr("experiments.tuner.imports.tell_job", tell)
    work()
    assert seen == [0]  # all is ready before any of it is stored
    expect(part).to_contain_text(f"Imported {COUNT} trials.")
    page.get_by_role("link", name="Open Brought along").click()
    expect(page.get_by_role("heading", name="Brought along", level=1)).to_be_visible()
    page.goto("about:blank")  # nothing is asked while the server ends
