import pytest
from django.urls import reverse

from experiments.models import Dataset
from tests.examples import make_experiment


@pytest.fixture(params=["experiment", "project", "dataset"])
def thing(request, project, owner):
    """A thing that can be archived: its record, and the addresses that do it and take it back."""
    if request.param == "experiment":
        made = make_experiment(project, trials=1, by=owner)
        type(made).objects.filter(pk=made.pk).update(state="completed")
        return made, "experiments", [made.code]
    if request.param == "project":
        return project, "projects", [project.slug]
    made = Dataset.objects.create(project=project, slug="cells", name="Cells")
    return made, "datasets", [project.slug, made.pk]


def test_the_page_after_an_archive_offers_to_take_it_back(client, owner, thing):
    record, kind, keys = thing
    client.force_login(owner)
    undo = reverse(f"{kind}:restore", args=keys)
    page = client.post(reverse(f"{kind}:archive", args=keys), follow=True)
    record.refresh_from_db()
    assert record.archived is not None
    assert f'action="{undo}"' in page.content.decode()
    after = client.post(undo)
    record.refresh_from_db()
    assert record.archived is None
    assert after.status_code == 302
