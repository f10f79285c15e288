"""Samplers, pruners and tuners as code on pages: what they are, their options in the form, what a search shows."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from experiments.models import Experiment, HyperModelVersion
from experiments.reports.site.code_versions import CodeShelf
from experiments.services.code.versions import record_checks, record_reading
from experiments.services.experiments.ending import fail_experiment
from tests.searches import make_dataset, make_experiment
from tests.training.sandbox import strategies

TOLD = {
    "role": "sampler", "slug": "drawn", "label": "Drawn", "help": "Draws at random.", "line": 9,
    "options": [
        {"name": "tries", "label": "Tries", "help": "So many draws.", "default": 200, "lowest": 1,
         "highest": 10_000, "choices": []}
    ],
}  # fmt: skip


@pytest.fixture
def author(editor):
    editor.user_permissions.add(Permission.objects.get(codename="add_code"))
    return editor


@pytest.fixture
def written(project, author, client, queues):
    def write(name, source, **told):
        client.force_login(author)
        client.post(f"/projects/{project.slug}/code/new/", {"name": name, "source": source})
        version = HyperModelVersion.objects.get(hypermodel__name=name)
        record_reading(version.pk, {"strategy": TOLD | told})
        return version

    return write


def test_what_it_is_stands_on_its_page_and_in_the_list(project, client, written):
    version = written("Draws", strategies.SAMPLER)
    listing = client.get(f"/projects/{project.slug}/code/").content.decode()
    assert "<td>sampler</td>" in listing and f"?sampler=drawn%40{version.pk}" in listing
    page = client.get(f"/projects/{project.slug}/code/{version.hypermodel_id}/").content.decode()
    assert "<h2>Sampler</h2>" in page and "So many draws." in page and "1 to 10000" in page


def test_the_form_offers_it_with_its_options_and_keeps_what_was_chosen(project, client, written):
    sampler = written("Draws", strategies.SAMPLER)
    pruner = written("Behind", strategies.PRUNER, role="pruner", slug="behind", label="Behind")
    make_dataset(project)
    address = f"/projects/{project.slug}/experiments/new/"
    page = client.get(f"{address}?sampler=drawn@{sampler.pk}").content.decode()
    assert f'<option value="drawn@{sampler.pk}" selected>Drawn (Draws v1)</option>' in page
    assert f'name="sampler-drawn@{sampler.pk}-tries"' in page
    assert f'<option value="behind@{pruner.pk}">Behind (Draws v1)</option>' not in page
    assert f'<option value="behind@{pruner.pk}">Behind (Behind v1)</option>' in page


def test_a_search_by_it_starts_from_the_form_with_its_options(project, client, written):
    slug = f"drawn@{written('Draws', strategies.SAMPLER).pk}"
    dataset = make_dataset(project)
    form = {
        "action": "start", "dataset_version": dataset.pk, "max_trials": 3, "name": "By my own",
        "sampler": slug, f"sampler-{slug}-tries": "77",
    }  # fmt: skip
    address = f"/projects/{project.slug}/experiments/new/"
    wrong = client.post(address, form | {f"sampler-{slug}-tries": "0"})
    assert wrong.status_code == 422 and b"Drawn" in wrong.content
    client.post(address, form)
    experiment = Experiment.objects.get(purpose="search")
    assert (experiment.sampler, experiment.sampler_options) == (slug, {"tries": 77})
    protocol = client.get(reverse("experiments:protocol", args=[experiment.code])).content.decode()
    assert "Drawn (custom code)" in protocol


def test_an_older_version_can_be_found_and_only_the_newest_is_offered(project, client, written):
    old = written("Draws", strategies.SAMPLER)
    edit = f"/projects/{project.slug}/code/{old.hypermodel_id}/edit/"
    client.post(edit, {"name": "Draws", "source": strategies.SAMPLER + "\n# Newer.\n"})
    new = HyperModelVersion.objects.latest("pk")
    record_reading(new.pk, {"strategy": TOLD})
    found = CodeShelf(project.pk).strategies.samplers
    assert list(found) == [f"drawn@{new.pk}"]
    assert f"drawn@{old.pk}" in found and found[f"drawn@{old.pk}"].label == "Drawn (Draws v1)"
    assert "drawn@999" not in found


def test_a_failed_search_shows_the_traceback_of_the_code(project, client, author):
    client.force_login(author)
    experiment = make_experiment(project)
    Experiment.objects.filter(pk=experiment.pk).update(state="running")
    fail_experiment(experiment.pk, "The sampler failed: line 3: <b>", traceback="<i>Trace</i>")
    page = client.get(reverse("experiments:detail", args=[experiment.code])).content.decode()
    assert "line 3: &lt;b&gt;" in page and "&lt;i&gt;Trace&lt;/i&gt;" in page


def test_a_check_lists_each_rule_with_the_line_of_what_broke_it(project, client, written):
    version = written("Draws", strategies.SAMPLER)
    address = f"/projects/{project.slug}/code/{version.hypermodel_id}/"
    assert "Not checked yet." in client.get(address).content.decode()
    rule = {"kind": "rule", "label": "Rule", "line": 9, "message": "", "traceback": ""}
    broken = {"name": "says why", "passed": False, "message": "KeyError: <b>", "line": 12}
    parts = [rule | {"name": "stays inside", "passed": True}, rule | broken]
    record_checks(version.pk, {"parts": parts, "problem": "", "line": 0, "traceback": ""})
    page = client.get(address).content.decode()
    assert "<h2>Requirements</h2>" in page and "stays inside" in page
    assert '<a href="#line-12">line 12</a>, KeyError: &lt;b&gt;' in page
