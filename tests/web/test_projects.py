import pytest
from django.urls import reverse

from experiments.models import Activity, Membership, Project
from tests.examples import expect, make_experiment


@pytest.fixture
def client(client, owner):
    client.force_login(owner)
    return client


def test_whoever_makes_a_project_owns_it(client, owner):
    response = client.post(reverse("projects:new"), {"name": "Audio team", "description": "Ears"})
    project = Project.objects.get(slug="audio-team")
    assert response["Location"] == reverse("projects:detail", args=["audio-team"])
    assert project.memberships.get().role == "owner"
    assert Activity.objects.filter(project=project, user=owner, verb="project.created").exists()


def test_a_project_named_new_does_not_hide_the_form(client):
    client.post(reverse("projects:new"), {"name": "New"})
    assert Project.objects.filter(slug="new-2").exists()


@pytest.mark.parametrize("name", ["", "   ", "x" * 10_000, "a\0b"])
def test_a_name_that_can_not_be_kept_is_refused_at_its_field(client, project, name):
    response = client.post(reverse("projects:new"), {"name": name, "description": "keep me"})
    assert response.status_code == 422
    assert "name" in response.context["form"].errors
    assert b"keep me" in response.content
    assert Project.objects.count() == 1


def test_two_tabs_that_edit_a_project_get_both_versions(client, project):
    address = reverse("projects:edit", args=[project.slug])
    client.post(address, {"name": "First", "description": "", "revision": project.revision})
    stale = client.post(address, {"name": "Second", "description": "", "revision": 1})
    assert stale.status_code == 409
    text = stale.content.decode()
    assert "First" in text
    assert "Second" in text
    project.refresh_from_db()
    assert project.name == "First"
    again = stale.context["form"]["revision"].value()
    client.post(address, {"name": "Second", "description": "", "revision": again})
    project.refresh_from_db()
    assert project.name == "Second"


def test_members_are_added_by_name_and_only_people_who_exist(client, project, stranger):
    address = reverse("projects:members", args=[project.slug])
    unknown = client.post(address, {"username": "nobody", "role": "viewer"})
    assert unknown.status_code == 422
    assert "Nobody has this user name" in unknown.context["form"].errors["username"][0]
    client.post(address, {"username": "stranger", "role": "viewer"})
    assert project.memberships.get(user=stranger).role == "viewer"
    twice = client.post(address, {"username": "stranger", "role": "owner"})
    assert twice.status_code == 422
    assert client.post(address, {"username": "stranger", "role": "king"}).status_code == 422


def test_the_last_owner_stays(client, project, owner):
    membership = Membership.objects.get(user=owner)
    change = reverse("projects:member", args=[project.slug, membership.pk])
    remove = reverse("projects:member-remove", args=[project.slug, membership.pk])
    assert client.post(change, {"role": "viewer"}).status_code == 422
    assert client.post(remove).status_code == 422
    membership.refresh_from_db()
    assert membership.role == "owner"


def test_a_membership_of_another_project_can_not_be_named(client, project, stranger):
    other = Project.objects.create(slug="b", name="B")
    foreign = Membership.objects.create(project=other, user=stranger, role="viewer")
    for name in ("projects:member", "projects:member-remove"):
        address = reverse(name, args=[project.slug, foreign.pk])
        assert client.post(address, {"role": "owner"}).status_code == 404
    foreign.refresh_from_db()
    assert foreign.role == "viewer"


@pytest.mark.parametrize("pk", [0, 2**63, 10**30])
def test_impossible_ids_are_not_found(client, project, pk):
    address = f"/projects/{project.slug}/members/{pk}/"
    assert client.post(address, {"role": "owner"}).status_code == 404


def test_experiments_that_run_come_first(client, project, owner):
    make_experiment(project, name="runs", trials=3, running=1, state="running", by=owner)
    make_experiment(project, name="newer", trials=2, by=owner)
    response = client.get(reverse("experiments:list", args=[project.slug]))
    assert [line.experiment.name for line in response.context["lines"]] == ["runs", "newer"]


@pytest.mark.parametrize(
    "address",
    ["/projects/vision-team/", "/projects/vision-team/history/", "/search/?q=mnist"],
)
def test_every_list_of_experiments_shows_both_scores(client, project, owner, address):
    one = make_experiment(project, trials=3, by=owner)
    make_experiment(project, trials=3, by=owner)
    expect(one.best_trial, value=0.84, low=0.81, high=0.87, choice=0.02, trials=3)
    page = client.get(address).content.decode()
    assert page.count("expected 0.") == 1, "the other search has none yet"
    assert "expected 0.8400 (0.8100 to 0.8700)</span>" in page
    assert "On new rows, with 95 % interval. Search score corrected for luck (selected" in page


def test_archiving_a_project_takes_it_out_of_the_lists(client, project):
    client.post(reverse("projects:archive", args=[project.slug]))
    project.refresh_from_db()
    assert project.archived is not None
    assert client.get(reverse("projects:detail", args=[project.slug])).status_code == 200
    assert client.get("/").context["target"] is None


def test_a_member_leaves_and_the_last_owner_stays(client, project, owner, viewer):
    leave = reverse("projects:leave", args=[project.slug])
    refused = client.post(leave)
    assert refused.status_code == 422
    assert "Make someone else owner first" in refused.content.decode()
    client.force_login(viewer)
    page = client.get(reverse("projects:members", args=[project.slug])).content.decode()
    assert leave in page
    gone = client.post(leave, follow=True)
    assert "You have left Vision team." in gone.content.decode()
    assert client.get(reverse("projects:detail", args=[project.slug])).status_code == 404
    assert Activity.objects.filter(verb="member.removed", user=viewer).exists()


def test_an_administrator_who_is_no_member_has_nothing_to_leave(
    client, project, django_user_model
):
    client.force_login(django_user_model.objects.create_superuser("boss"))
    leave = reverse("projects:leave", args=[project.slug])
    assert (
        leave not in client.get(reverse("projects:members", args=[project.slug])).content.decode()
    )
    assert client.post(leave).status_code == 404


def test_an_archived_project_is_restored(client, project, owner):
    client.post(reverse("projects:archive", args=[project.slug]))
    edit = client.get(reverse("projects:edit", args=[project.slug])).content.decode()
    assert reverse("projects:restore", args=[project.slug]) in edit
    client.post(reverse("projects:restore", args=[project.slug]))
    project.refresh_from_db()
    assert project.archived is None
    assert Activity.objects.filter(verb="project.restored", user=owner).count() == 1
