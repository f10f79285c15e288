"""Writes of saved views: create, rename, delete."""

from django.contrib.auth.models import User
from django.db import transaction

from experiments.models import Experiment, SavedView
from experiments.services.experiments.states import NotAllowed
from experiments.services.site import activity

MOST = 100  # of one experiment


def save_view(experiment: Experiment, name: str, query: str, *, by: User) -> SavedView:
    """Keep a view, or write over one's own of the same name. Raises NotAllowed."""
    name, query = _named(name), query.strip().lstrip("?")
    if len(query) > SavedView.QUERY_LENGTH:
        raise NotAllowed("This view is too long to save. Select fewer trials.")
    with transaction.atomic():
        there = SavedView.objects.select_for_update(no_key=True).filter(
            experiment=experiment, name=name
        )
        view = there.first()
        if view is not None and view.owner_id not in {by.pk, None}:
            raise NotAllowed(f"{view.owner} has a view “{name}”. Choose another name.")
        if view is None:
            _check_room(experiment)
        view, _ = SavedView.objects.update_or_create(
            experiment=experiment, name=name, defaults={"query": query, "owner": by}
        )
        activity.record("view.saved", f"Saved the view “{name}”", experiment=experiment, user=by)
    return view


def rename_view(view: SavedView, name: str, *, by: User) -> None:
    """Name it otherwise; what it shows and whose it is stay. Raises NotAllowed."""
    name, before = _named(name), view.name
    if name == before:
        return
    with transaction.atomic():
        others = SavedView.objects.filter(experiment=view.experiment_id, name=name)
        if others.select_for_update(no_key=True).exists():
            raise NotAllowed(f"There is already a view “{name}”. Choose another name.")
        view.name = name
        view.save(update_fields=["name"])
        activity.record(
            "view.renamed",
            f"Renamed the view “{before}” to “{name}”",
            experiment=view.experiment,
            user=by,
        )


def delete_view(view: SavedView, *, by: User) -> None:
    """Take a view away."""
    with transaction.atomic():
        activity.record(
            "view.deleted", f"Deleted the view “{view.name}”", experiment=view.experiment, user=by
        )
        view.delete()


def restore_view(
    experiment: Experiment, name: str, query: str, owner: int | None, *, by: User
) -> SavedView:
    """Bring a deleted view back as it was. owner: the key of whose it was. Raises NotAllowed."""
    name = _named(name)
    with transaction.atomic():
        if experiment.saved_views.select_for_update(no_key=True).filter(name=name).exists():
            raise NotAllowed(f"There is a new view “{name}”. Rename it first, then undo.")
        _check_room(experiment)
        whose = None if owner is None else User.objects.filter(pk=owner).first()
        view = SavedView.objects.create(experiment=experiment, name=name, query=query, owner=whose)
        activity.record(
            "view.restored", f"Restored the view “{name}”", experiment=experiment, user=by
        )
    return view


def _check_room(experiment: Experiment) -> None:
    if experiment.saved_views.count() >= MOST:
        raise NotAllowed(f"An experiment can have at most {MOST} views. Delete one first.")


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise NotAllowed("A view needs a name.")
    if len(name) > SavedView.NAME_LENGTH:
        raise NotAllowed(
            f"The name of a view can have at most {SavedView.NAME_LENGTH} characters."
        )
    return name
