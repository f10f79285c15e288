from threading import Barrier, Thread

import pytest
from django.db import connections, transaction

from experiments.models import Activity, Role
from experiments.services.experiments.drafts import discard_draft, save_draft
from experiments.services.experiments.edits import StaleEdit
from experiments.services.experiments.states import lock_experiment
from experiments.services.site import activity, projects
from tests.searches import make_experiment

pytestmark = pytest.mark.both_databases


def test_the_creator_owns_a_project_and_its_slug_follows_from_the_name(owner):
    project = projects.create_project("Süße Äpfel!", "", by=owner)
    assert project.slug == "sue-apfel" or project.slug.isascii()
    assert project.memberships.get().role == Role.OWNER
    assert Activity.objects.filter(project=project, verb="project.created", user=owner).exists()


def test_a_taken_or_reserved_slug_gets_a_number(owner):
    assert projects.create_project("New", "", by=owner).slug == "new-2"
    assert projects.create_project("Cats", "", by=owner).slug == "cats"
    assert projects.create_project("Cats", "", by=owner).slug == "cats-2"
    assert projects.create_project("…", "", by=owner).slug == "project"


def test_the_second_of_two_edits_with_one_revision_is_stale(project, owner):
    projects.edit_project(project, "First", "", revision=1, by=owner)
    with pytest.raises(StaleEdit) as stale:
        projects.edit_project(project, "Second", "", revision=1, by=owner)
    assert stale.value.current.name == "First"


def test_the_last_owner_can_neither_step_down_nor_leave(project, owner):
    membership = project.memberships.get(user=owner)
    with pytest.raises(projects.LastOwner):
        projects.change_role(membership, Role.EDITOR, by=owner)
    with pytest.raises(projects.LastOwner):
        projects.remove_member(membership, by=owner)
    assert project.memberships.get(user=owner).role == Role.OWNER


def test_an_owner_may_leave_when_another_stays(project, owner, editor):
    projects.change_role(project.memberships.get(user=editor), Role.OWNER, by=owner)
    projects.remove_member(project.memberships.get(user=owner), by=owner)
    assert not project.memberships.filter(user=owner).exists()


def test_nobody_is_added_twice(project, owner, viewer):
    with pytest.raises(projects.AlreadyMember):
        projects.add_member(project, viewer, Role.OWNER, by=owner)
    assert project.memberships.get(user=viewer).role == Role.VIEWER


def test_a_draft_saved_from_a_second_tab_is_stale(project, editor):
    first = save_draft(project, editor, {"name": "a"}, 0)
    save_draft(project, editor, {"name": "b"}, first.revision)
    with pytest.raises(StaleEdit) as stale:
        save_draft(project, editor, {"name": "c"}, first.revision)
    assert stale.value.current.body == {"name": "b"}
    discard_draft(project, editor)
    assert not project.drafts.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.needs("postgres", why="SQLite lets one transaction write at a time")
def test_two_that_lock_a_project_and_its_search_in_turn_do_not_wait_for_each_other(project):
    experiment = make_experiment(project)
    both, ended = Barrier(2, timeout=20), []

    def write(lock, pk):
        try:
            with transaction.atomic():
                lock(pk)
                both.wait()
                activity.record("test.locked", "", project=project, experiment=experiment)
            ended.append(pk)
        finally:
            connections.close_all()

    threads = [
        Thread(target=write, args=locked)
        for locked in ((projects.lock_project, project.pk), (lock_experiment, experiment.pk))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ended) == 2
