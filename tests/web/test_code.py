"""Models as code on their pages: who may write, what a bad text gets, what a version shows."""

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile

from experiments.catalog.code import code_template
from experiments.models import HyperModelVersion, Project, Worker
from experiments.plan import DataFacts, ExperimentPlan, PlanError
from experiments.reports.site.code_versions import CodeShelf
from experiments.search.space.space import Space
from experiments.services.code.versions import record_reading
from tests.searches import SCHEMA, make_dataset, make_plan

GOOD = "import keras\n\n\ndef build(hp):\n    return keras.Sequential()\n"
READ = {
    "rows": [
        {
            "name": "units", "type": "int", "min": 8, "max": 64, "step": 8, "scale": "linear",
            "choices": [], "value": None, "default": 8, "only_if": None, "unit": "", "help": "",
        }
    ],
    "names": {"units": "units"},
    "entry": "function:build",
    "problem": "",
}  # fmt: skip


@pytest.fixture
def author(editor):
    editor.user_permissions.add(Permission.objects.get(codename="add_code"))
    return editor


@pytest.fixture
def written(project, author, client, queues):
    client.force_login(author)
    client.post(f"/projects/{project.slug}/code/new/", {"name": "Net", "source": GOOD})
    return HyperModelVersion.objects.get()


def test_only_people_with_the_right_write_code(project, owner, editor, author, client, queues):
    address = f"/projects/{project.slug}/code/new/"
    client.force_login(owner)  # the highest role has no such right of its own
    assert client.get(address).status_code == 403
    assert client.post(address, {"name": "x", "source": GOOD}).status_code == 403
    assert not HyperModelVersion.objects.exists()
    client.force_login(author)
    answer = client.post(address, {"name": "Net", "source": GOOD})
    version = HyperModelVersion.objects.get()
    assert answer.status_code == 302
    assert (version.number, version.source, version.created_by) == (1, GOOD, author)
    assert version.reading == {"state": "waiting"}


def test_others_may_search_what_was_read_but_not_edit_it(project, written, owner, client):
    record_reading(written.pk, READ)
    client.force_login(owner)
    page = client.get(f"/projects/{project.slug}/code/{written.hypermodel_id}/")
    assert b"New experiment with this code" in page.content and b">Edit<" not in page.content
    assert b"units" in page.content
    edit = f"/projects/{project.slug}/code/{written.hypermodel_id}/edit/"
    assert client.get(edit).status_code == 403
    make_dataset(project)
    form = client.get(f"/projects/{project.slug}/experiments/new/?model=code-{written.pk}")
    assert form.status_code == 200
    assert f'value="code-{written.pk}" data-refreshes checked'.encode() in form.content
    assert b'value="units"' in form.content


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def build(hp:\n", "Line 1"),
        ("", "Enter or upload"),
        ("x = 1\n" * 50_000, "larger than 200 kB"),
        ("x = '\0'\n", "Null characters"),
        ("(" * 5000, "Line 1"),
    ],
    ids=["syntax", "empty", "long", "nul", "nested"],
)
def test_a_text_that_is_no_code_is_refused_and_kept_in_the_form(
    project, author, client, queues, source, words
):
    client.force_login(author)
    answer = client.post(f"/projects/{project.slug}/code/new/", {"name": "Net", "source": source})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert words in text
    assert not HyperModelVersion.objects.exists()
    if 0 < len(source) < 1000 and "\0" not in source:
        assert "def build(hp:" in text or source in text


@pytest.mark.parametrize(
    ("text", "words", "is_opened"),
    [
        ("import keras\ndef build(hp:\n", "Line 2", True),
        (" \n", "Enter or upload", False),
        ("a = '\0'", "can't be stored", False),
        ("a = 1\n" * 60_000, "larger than 200 kB", False),
    ],
)
def test_a_file_that_is_wrong_opens_in_the_editor(project, author, client, text, words, is_opened):
    client.force_login(author)
    file = SimpleUploadedFile("net.py", text.encode())
    data = {"name": "Net", "source": "def older(hp): pass\n", "file": file}
    answer = client.post(f"/projects/{project.slug}/code/new/", data)
    form = answer.context["form"]
    assert answer.status_code == 422
    (told,) = form.errors["source" if is_opened else "file"]
    assert words in told
    assert ("older" in form["source"].value()) == (not is_opened)
    assert [each.line for each in answer.context["problems"]] == ([2] if is_opened else [])


def test_a_file_takes_the_place_of_the_text(project, author, client, queues):
    client.force_login(author)
    file = SimpleUploadedFile("net.py", b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    client.post(f"/projects/{project.slug}/code/new/", {"name": "Net", "file": file})
    assert HyperModelVersion.objects.get().source == GOOD


def test_versions_differ_by_their_text_and_show_it(project, written, author, client):
    edit = f"/projects/{project.slug}/code/{written.hypermodel_id}/edit/"
    client.post(edit, {"name": "Other", "source": GOOD})
    assert HyperModelVersion.objects.count() == 1  # the same text is the same version
    newer = GOOD.replace("Sequential()", "Sequential([])")
    client.post(edit, {"name": "Other", "source": newer, "note": "An empty list"})
    page = client.get(f"/projects/{project.slug}/code/{written.hypermodel_id}/").content.decode()
    assert "+    return keras.Sequential([])" in page
    assert "-    return keras.Sequential()" in page
    assert "An empty list" in page
    assert HyperModelVersion.objects.filter(hypermodel__name="Net").count() == 2


def test_a_problem_points_at_its_line(project, written, client):
    record_reading(written.pk, {"problem": "NameError: no <b>name</b>", "line": 4})
    page = client.get(f"/projects/{project.slug}/code/{written.hypermodel_id}/").content.decode()
    assert 'href="#line-4"' in page and "NameError: no &lt;b&gt;name" in page
    assert 'class="code-line is-wrong" id="line-4"' in page


def test_a_plan_runs_no_text_that_it_brings_itself(project, written, client, editor):
    """The JSON of a plan names a version; a source in it counts for nothing."""
    record_reading(written.pk, READ)
    version = make_dataset(project)
    facts = DataFacts(SCHEMA, (), CodeShelf(project.pk))
    plan = make_plan(version).to_dict()
    plan |= {"model": "code", "layers": [{"version": written.pk, "source": "import os"}]}
    rows = [
        row for row in plan["space"]["hyperparameters"] if row["name"] in ("epochs", "batch_size")
    ]
    plan["space"] = {"hyperparameters": [READ["rows"][0], *rows], "constraints": []}
    read = ExperimentPlan.from_dict(plan, facts)
    assert read.layers[0]["source"] == GOOD
    for layers in (
        [],
        [{"source": "x"}],
        [{"version": 10**9}],
        [{"version": True}],
        ["x"],
        [{}, {}],
    ):
        with pytest.raises(PlanError) as refused:
            ExperimentPlan.from_dict(plan | {"layers": layers}, facts)
        assert [each.path for each in refused.value.problems][:1] == ["layers"]


def test_another_projects_code_is_no_model_here(project, written, owner):
    record_reading(written.pk, READ)
    other = Project.objects.create(slug="other", name="Other")
    assert written.pk in CodeShelf(project.pk)
    assert written.pk not in CodeShelf(other.pk)


def test_a_page_says_which_protection_is_on(project, author, client):
    address = f"/projects/{project.slug}/code/"
    client.force_login(author)
    for words, said in (
        ("isolated (bubblewrap 1)", "without access to the database"),
        ("not isolated", "This code is not isolated"),
        ("refused", "Custom code is rejected"),
    ):
        Worker.objects.all().delete()
        Worker.objects.create(kind="trials", name="one", pid=1, isolation=words)
        text = client.get(address).content.decode()
        assert said in text
        assert ("Workers run this code" in text) == words.startswith("isolated")


def test_what_was_read_is_not_read_again(
    project, written, client, django_capture_on_commit_callbacks
):
    address = f"/projects/{project.slug}/code/{written.hypermodel_id}/again/"
    for told, jobs in (({"problem": "no memory"}, 1), (READ, 0)):
        record_reading(written.pk, told)
        with django_capture_on_commit_callbacks() as callbacks:
            client.post(address, {})
        assert len(callbacks) == jobs
    written.refresh_from_db()
    assert written.reading["state"] == "read"


def test_an_order_that_code_states_comes_into_the_space():
    row = READ["rows"][0] | {"type": "choice", "choices": ["low", "high"], "default": "low"}
    for said in ({}, {"ordered": True}, {"ordered": False}):
        template = code_template([{"name": "Net", "source": GOOD, "rows": [row | said]}])
        space = Space.from_dict(template.default_space(SCHEMA))
        assert space["units"].ordered is said.get("ordered")


def test_the_editor_names_what_the_last_reading_found_at_its_line(project, written, client):
    told = {"rows": [], "problem": "NameError: name 'x' is not defined", "line": 5}
    record_reading(written.pk, told)
    address = f"/projects/{project.slug}/code/{written.hypermodel_id}/edit/"
    page = client.get(address).content.decode()
    assert '<li data-problem-line="5">' in page and "name &#x27;x&#x27; is not defined" in page

    page = client.post(address, {"name": "Net", "source": "x = = 1"}).content.decode()
    assert '<li data-problem-line="1">' in page and "invalid syntax" in page
    assert "is not defined" not in page, "that was of another text"
