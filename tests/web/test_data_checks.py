"""What an uploaded table is told about its data, and the form that fixes it."""

import pytest

from experiments.models import DatasetVersion
from experiments.services.datasets.preparation import prepare
from tests.uploads import address, of, uploaded

pytestmark = pytest.mark.django_db
SHOP = "day,price,size,code,bought\n" + "".join(
    f'{1 + i % 28:02d}.03.2024,"${i * 150:,}",{(i * 7919) % 101 / 7},{"ab"[i % 2]},{"no" if i % 2 else "yes"}\n'
    for i in range(60)
)
CHOICE = {
    "target": "bought",
    "task": "classification",
    "use-0": "skip",
    "use-1": "number_point",
    "use-2": "number",
    "use-3": "category",
}


@pytest.fixture(autouse=True)
def jobs(monkeypatch):
    monkeypatch.setattr("experiments.queues.enqueue_short", lambda *_: None)


@pytest.fixture
def version(client, project, editor):
    client.force_login(editor)
    return uploaded(client, project, SHOP.encode())


def prepared(client, project, version, **changes):
    answer = client.post(of(version, "target", project), CHOICE | changes)
    assert answer.status_code == 302, answer.content.decode()
    prepare(version.pk)
    version.refresh_from_db()
    return version


def test_the_form_offers_readings_and_names_what_the_file_has(client, project, version):
    page = client.get(of(version, "target", project)).content.decode()
    assert "number: “$1,050” is 1050" in page
    assert "Column day has dates and is not used." in page
    assert page.count('name="parts-0"') == 4
    assert "Repeated rows and columns that reveal the target are checked once" in page


def test_the_page_warns_and_one_click_opens_the_form_with_the_fixes(client, project, version):
    prepared(client, project, version)
    page = client.get(of(version, "version", project)).content.decode()
    assert "Column code alone predicts bought" in page
    assert "Prepare again with 2 columns changed" in page
    client.post(of(version, "again", project), {"fixes": "1"})
    fresh = DatasetVersion.objects.latest("number")
    form = client.get(of(fresh, "target", project)).context["form"]
    uses = {row.facts.name: row.use for row in form.rows()}
    assert (uses["code"], uses["day"], uses["price"]) == ("skip", "date", "number_point")
    client.post(of(version, "again", project))
    same = DatasetVersion.objects.latest("number")
    form = client.get(of(same, "target", project)).context["form"]
    assert {row.facts.name: row.use for row in form.rows()}["code"] == "category"


def test_the_parts_of_a_date_are_chosen(client, project, version):
    chosen = {"use-0": "date", "parts-0": ["weekday", "elapsed days"], "use-3": "skip"}
    prepared(client, project, version, **chosen)
    names = [column["name"] for column in version.schema["columns"]]
    assert names == ["day (weekday)", "day (elapsed days)", "price", "size"]
    page = client.get(of(version, "version", project)).content.decode()
    assert "No findings in " in page and "<summary>Not found</summary>" in page


def test_a_date_without_parts_is_refused_at_its_column(client, project, version):
    answer = client.post(of(version, "target", project), CHOICE | {"use-0": "date"})
    assert answer.status_code == 422
    assert "Choose at least one part of the date day" in answer.content.decode()


def test_a_use_that_the_texts_do_not_have_is_refused(client, project, version):
    answer = client.post(of(version, "target", project), CHOICE | {"use-1": "date"})
    assert "Column price can&#x27;t be read as a date." in answer.content.decode()


def test_the_form_of_an_experiment_links_to_the_warnings(client, project, version):
    prepared(client, project, version)
    where = f"/projects/{project.slug}/experiments/new/?data={version.pk}"
    page = client.get(where).content.decode()
    assert f'<a href="{of(version, "version", project)}">2 data warnings</a>' in page


def test_a_version_of_an_earlier_release_says_what_was_not_checked(client, project, version):
    prepared(client, project, version)
    profile = {name: value for name, value in version.profile.items() if name != "checks"}
    old = {"kind": "duplicates", "text": "3 rows repeat an earlier one."}
    DatasetVersion.objects.update(profile=profile | {"warnings": [old]})
    page = client.get(address("detail", project, version.dataset_id)).content.decode()
    assert "3 rows repeat an earlier one." in page
    assert "This version was prepared before this check existed." in page
    assert "<summary>Not found</summary>" not in page
