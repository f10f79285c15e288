"""Rows that were revealed before are told wherever somebody decides, and to the project alone."""

import pytest
from django.urls import reverse

from experiments.models import Project, Reveal, Role
from experiments.number_words import figures
from experiments.reports.winner.locked_test import locked_test
from tests.examples import expect
from tests.revealed import revealed, searched

pytestmark = pytest.mark.usefixtures("queues")
UNKNOWN = "The expected score on new rows is unknown, so no range can be announced."
LOCKED = "60 of 60 locked test rows have been revealed (by owner on "


@pytest.fixture
def first(project, owner):
    search = searched(project, owner)
    revealed(search, owner)
    return search


def page_of(client, name, search):
    return client.get(reverse(f"experiments:{name}", args=[search.code])).content.decode()


@pytest.mark.parametrize("person", ["owner", "viewer"])
def test_members_read_it_on_protocol_and_winner_of_a_clone(
    client, project, owner, first, request, person
):
    clone = searched(project, owner, "Clone", first.dataset_version, seed=3)
    client.force_login(request.getfixturevalue(person))
    for name in ("protocol", "winner"):
        html = page_of(client, name, clone)
        assert LOCKED in html
        assert "for “Digits”)." in html
    assert ("Counts as reveal 2 of these rows" in html) == (person == "owner")
    revealed(clone, owner)
    html = page_of(client, "winner", clone)
    assert "Reveal 2 of these rows" in html
    assert "First reveal" not in html
    assert "60 of 60 of its rows had been revealed before (by owner on " in html
    assert "it is reveal 2 of its rows" in html


def test_a_first_reveal_is_called_so(client, owner, first):
    client.force_login(owner)
    html = page_of(client, "winner", first)
    assert "First reveal" in html
    assert "had been revealed before" not in html


def test_strangers_see_neither_the_page_nor_other_projects_reveals(client, stranger, owner, first):
    client.force_login(stranger)
    for name in ("protocol", "winner"):
        assert client.get(reverse(f"experiments:{name}", args=[first.code])).status_code == 404
    theirs = Project.objects.create(slug="theirs", name="Theirs")
    theirs.memberships.create(user=stranger, role=Role.OWNER)
    same = searched(theirs, stranger, "Same rows", first.dataset_version)
    for name in ("protocol", "winner"):
        html = page_of(client, name, same)
        assert "revealed (by" not in html
        assert "Digits" not in html.replace("Tiny digits", "")


@pytest.mark.parametrize(
    ("person", "status"), [("owner", 200), ("editor", 200), ("viewer", 403), ("stranger", 404)]
)
def test_the_form_says_it_while_somebody_types(client, project, first, request, person, status):
    client.force_login(request.getfixturevalue(person))
    typed = {
        "dataset_version": first.dataset_version_id,
        "model": "image-mlp",
        "name": "Next",
        "locked_percent": "10",
    }
    answer = client.post(reverse("experiments:preview", args=[project.slug]), typed)
    assert answer.status_code == status
    if status == 200:
        html = answer.json()["html"]
        assert "30 of 30 locked test rows have been revealed (by owner on " in html
        assert "30 of 270 training and validation rows were in a test set" in html


@pytest.mark.parametrize("person", ["owner", "viewer"])
def test_the_range_is_announced_before_and_kept_with_the_reveal(
    client, project, owner, request, person
):
    search = searched(project, owner)
    expect(search.recommended_trial, value=0.92, low=0.88, high=0.95, rows=240)
    said = locked_test(search, search.recommended_trial).announced
    assert (said.metric, said.rows) == ("accuracy", 60)
    assert said.expected == pytest.approx(0.92)
    assert 0.5 < said.low < 0.92 < said.high <= 1
    client.force_login(request.getfixturevalue(person))
    assert f"{said.low:.4f} to " in page_of(client, "winner", search)
    client.force_login(owner)
    client.post(reverse("experiments:reveal", args=[search.code]), {"reason": "Due."})
    look = Reveal.objects.get()
    assert look.announced == said.to_dict(), "stored before anything was scored"
    assert look.range_words == ""
    baselines = [
        {"name": "Majority class", "scores": {"accuracy": 0.125}, "intervals": {}},
        {"name": "Linear model", "why": "The trial's models were deleted."},
    ]
    for score, where in ((0.92, "inside"), (0.2, "outside")):
        Reveal.objects.update(
            state="ready",
            rows=60,
            scores={"accuracy": score},
            intervals={"accuracy": [score - 0.0625, score + 0.0625]},
            baselines=baselines,
        )
        expect(search.recommended_trial, value=0.5, low=0.4, high=0.6)  # the range stays
        client.force_login(request.getfixturevalue(person))
        html = page_of(client, "winner", search)
        assert f"is {where} the range announced before: {said.low:.4f} to" in html
        assert f"{figures(score - 0.0625)} to {figures(score + 0.0625)}" in html
        assert '<th scope="col" class="num">Majority class</th>' in html
        assert "0.125" in html
        assert "Linear model was not scored: The trial&#x27;s models were deleted." in html


def test_the_range_rests_on_what_is_expected_where_that_is_known(project, owner):
    search = searched(project, owner)
    winner = search.recommended_trial
    expect(winner, value=0.9, low=0.85, high=0.93, rows=240)
    said = locked_test(search, winner).announced
    assert said.expected == 0.9
    assert said.low < 0.85 and said.high > 0.93, (
        "a range of 60 rows is wider than that of the mean"
    )


def test_why_no_range_is_announced_is_said(client, owner, project):
    plain = searched(project, owner)
    winner = plain.recommended_trial
    for value, why in ((0.9, "How the score varies with rows is unknown"), (None, UNKNOWN)):
        expect(winner, value=value)
        found = locked_test(plain, winner)
        assert found.announced is None and why in found.unknown
    winner.expected = {}
    assert UNKNOWN in locked_test(plain, winner).unknown
    own = searched(project, owner, "Training", plain.dataset_version, objective="accuracy")
    client.force_login(owner)
    assert "accuracy has no exact value on test rows" in page_of(client, "winner", own)


def test_a_search_score_that_nothing_corrects_announces_no_range(client, project, owner):
    search = searched(project, owner)
    client.force_login(owner)
    html = page_of(client, "winner", search)
    assert "Expected on these rows" not in html and UNKNOWN in html
    client.post(reverse("experiments:reveal", args=[search.code]), {"reason": "Due."})
    assert Reveal.objects.get().announced == {}


def test_of_the_locked_rows_only_the_whole_datasets_shares_are_shown(client, owner, first):
    client.force_login(owner)
    html = page_of(client, "protocol", first)
    assert '<th scope="col" class="num">Whole dataset</th>' in html
    assert '<th scope="col" class="num">Test</th>' not in html
