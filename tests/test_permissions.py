import uuid

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404

from experiments import permissions
from experiments.models import Dataset, Project, Role


def test_each_role_passes_the_doors_up_to_its_own(project, owner, editor, viewer):
    people = {Role.OWNER: owner, Role.EDITOR: editor, Role.VIEWER: viewer}
    for held, user in people.items():
        for wanted in Role:
            if held.covers(wanted):
                assert permissions.get_project(user, project.slug, wanted) == project
            else:
                with pytest.raises(PermissionDenied):
                    permissions.get_project(user, project.slug, wanted)


def test_strangers_and_anonymous_people_cannot_tell_that_a_project_exists(project, stranger):
    for user in (stranger, AnonymousUser()):
        with pytest.raises(Http404) as hidden:
            permissions.get_project(user, project.slug, Role.VIEWER)
        with pytest.raises(Http404) as missing:
            permissions.get_project(user, "no-such-project", Role.VIEWER)
        assert str(hidden.value) == str(missing.value)


def test_a_superuser_passes_every_door(project, django_user_model):
    root = django_user_model.objects.create_superuser("root")
    assert permissions.get_project(root, project.slug, Role.OWNER) == project
    assert list(permissions.visible_projects(root)) == [project]


def test_an_inactive_member_is_a_stranger(project, editor):
    editor.is_active = False
    with pytest.raises(Http404):
        permissions.get_project(editor, project.slug, Role.VIEWER)
    assert not permissions.visible_projects(editor).exists()
    assert not permissions.visible_datasets(editor).exists()


def test_an_unknown_experiment_is_a_404(viewer):
    with pytest.raises(Http404):
        permissions.get_experiment(viewer, uuid.uuid4(), Role.VIEWER)


def test_data_sets_of_other_projects_are_hidden_and_built_in_ones_seen(project, viewer):
    other = Project.objects.create(slug="other", name="Other")
    Dataset.objects.create(project=other, slug="secret", name="Secret")
    built_in = Dataset.objects.create(slug="digits", name="Digits", built_in="digits")
    own = Dataset.objects.create(project=project, slug="own", name="Own")
    assert set(permissions.visible_datasets(viewer)) == {built_in, own}
