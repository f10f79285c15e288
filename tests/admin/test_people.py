"""Rights are given by superusers alone, whoever else may change people."""

import pytest
from django.contrib.auth.models import Permission


@pytest.fixture
def clerk(django_user_model, db, client):
    """Staff who may change people, but is no superuser."""
    clerk = django_user_model.objects.create_user("clerk", password="pw", is_staff=True)
    names = ("change_user", "view_user", "change_group", "add_group")
    clerk.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(clerk)
    return clerk


def fields(user, **more):
    joined = user.date_joined
    dates = {"date_joined_0": joined.date().isoformat(), "date_joined_1": "10:00:00"}
    return {"username": user.username, "is_active": "on", **dates, **more}


def test_staff_give_no_rights_not_even_to_themselves(clerk, client, stranger):
    right = Permission.objects.get(codename="add_code")
    for person in (clerk, stranger):
        client.post(
            f"/admin/auth/user/{person.pk}/change/",
            fields(person, user_permissions=[right.pk], is_superuser="on", first_name="Ann"),
        )
        person.refresh_from_db()
        assert person.first_name == "Ann"  # the form was taken
        assert not person.is_superuser
        assert not type(person).objects.get(pk=person.pk).has_perm("experiments.add_code")


def test_staff_can_not_become_a_superuser_by_its_password(clerk, client, django_user_model):
    root = django_user_model.objects.create_superuser("root", password="pw")
    for address in (
        f"/admin/auth/user/{root.pk}/change/",
        f"/admin/auth/user/{root.pk}/password/",
    ):
        client.post(address, fields(root, password1="new-Pass-77", password2="new-Pass-77"))
    root.refresh_from_db()
    assert root.check_password("pw")


def test_groups_are_for_superusers(clerk, client):
    assert client.get("/admin/auth/group/add/").status_code == 403


def test_a_superuser_gives_the_right(admin_client, stranger):
    right = Permission.objects.get(codename="add_code")
    admin_client.post(
        f"/admin/auth/user/{stranger.pk}/change/", fields(stranger, user_permissions=[right.pk])
    )
    assert type(stranger).objects.get(pk=stranger.pk).has_perm("experiments.add_code")
