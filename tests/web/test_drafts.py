import pytest
from django.urls import reverse

from experiments.models import Draft, Experiment
from tests.searches import make_experiment
from tests.web.sending import send

pytestmark = pytest.mark.usefixtures("by_editor")


def test_a_draft_is_kept_while_typing_and_continued(client, project, address, version):
    save = reverse("experiments:draft", args=[project.slug])
    first = send(client, save, version, name="half", revision="0", max_trials="te").json()
    second = send(client, save, version, name="half way", revision=str(first["revision"])).json()
    assert second["revision"] == first["revision"] + 1
    page = client.get(address).context["page"]
    assert page.fields["name"].value == "half way"


def test_a_stale_tab_gets_both_versions(client, project, address, version):
    save = reverse("experiments:draft", args=[project.slug])
    send(client, save, version, name="one", revision="0")
    stale = send(client, save, version, name="two", revision="0")
    assert stale.status_code == 409
    differences = {each["field"]: each for each in stale.json()["differences"]}
    assert (differences["name"]["mine"], differences["name"]["theirs"]) == ("two", "one")
    assert Draft.objects.get().body["name"] == "one"
    by_hand = send(client, address, version, name="two", revision="0", action="save")
    assert by_hand.status_code == 409
    assert by_hand.context["page"].fields["name"].value == "two"
    again = send(
        client,
        address,
        version,
        name="two",
        action="save",
        revision=str(by_hand.context["state"].revision),
    )
    assert again.status_code == 302
    assert Draft.objects.get().body["name"] == "two"


def test_a_draft_with_a_character_that_no_database_keeps_is_refused(client, project, version):
    save = reverse("experiments:draft", args=[project.slug])
    assert send(client, save, version, name="a\0b", revision="0").status_code == 422
    assert not Draft.objects.exists()


def test_a_started_search_and_a_fresh_start_forget_the_draft(client, project, address, version):
    save = reverse("experiments:draft", args=[project.slug])
    send(client, save, version, revision="0")
    send(client, address, version)
    assert not Draft.objects.exists()
    send(client, save, version, revision="0")
    client.post(address, {"action": "discard"})
    assert not Draft.objects.exists()


def test_a_clone_is_filled_as_its_source_was(client, project, version):
    source = make_experiment(project, epochs=3)
    response = client.get(reverse("experiments:clone", args=[source.code]))
    page, state = response.context["page"], response.context["state"]
    assert page.fields["name"].value == "Digits copy"
    held = next(row for row in page.rows if row.fields["name"] == "epochs")
    assert (held.fields["value"], held.mode) == ("3", "fixed")
    form = {name: field.value for name, field in page.fields.items() if name != "space"}
    form |= {
        f"space-{r.index}-{name}": value for r in page.rows for name, value in r.fields.items()
    }
    client.post(
        reverse("experiments:new", args=[project.slug]),
        form | {"action": "start", "token": state.token, "cloned_from": state.cloned_from},
    )
    copy = Experiment.objects.get(name="Digits copy")
    assert copy.cloned_from == source
    assert copy.plan["space"] == source.plan["space"]
