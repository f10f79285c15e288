"""The edit page of an experiment: what a link fills in, what saving would do, whose edit came first."""

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from experiments import permissions
from experiments.models import Experiment, Purpose, Role, SpaceVersion
from experiments.reports.experiments.edit_effect import edit_effect, last_edit
from experiments.search.problems import SpaceError
from experiments.search.space.changes import SearchSettings
from experiments.services.experiments.edits import StaleEdit, edit_experiment
from experiments.services.experiments.states import NotAllowed
from experiments.web.forms.edit.link import Filled, fill
from experiments.web.forms.edit.page import (
    edit_page,
    flat,
    merge,
    plain_changes,
    read_base,
    unflat,
)
from experiments.web.forms.edit.search import SearchEdit
from experiments.web.forms.edit.values import ExperimentEdit
from experiments.web.forms.experiment.fields import LABELS
from experiments.web.forms.experiment.form import FieldError, unstorable
from experiments.web.views.experiments import frame_of


@dataclass(frozen=True, slots=True)
class Opened:
    """The page as it is open in a browser. search: None for what is no search."""

    experiment: Experiment
    version: SpaceVersion
    plain: ExperimentEdit
    search: SearchEdit | None
    errors: tuple[FieldError, ...] = ()


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, code: UUID) -> HttpResponse:
    experiment = permissions.get_experiment(request.user, code, Role.EDITOR)
    if request.method == "POST":
        return _save(request, _posted(request, experiment))
    opened, filled = _from_link(request, _stored(experiment))
    return _page(request, opened, filled=filled)


def _stored(experiment: Experiment) -> Opened:
    version = experiment.space_versions.order_by("-number")[0]
    plain = ExperimentEdit.of(experiment)
    is_search = experiment.purpose == Purpose.SEARCH and not experiment.is_imported
    search = SearchEdit.of(experiment, version) if is_search else None
    return Opened(experiment, version, plain, search)


def _from_link(request: HttpRequest, opened: Opened) -> tuple[Opened, Filled | None]:
    if opened.search is None or not request.GET:
        return opened, None
    linked = [(key, text) for key, texts in request.GET.lists() for text in texts]
    filled = fill(linked, opened.plain.fields, opened.search.form)
    changed = filled.plain_changes
    plain = replace(opened.plain.with_fields(changed), filled=frozenset(changed))
    return replace(opened, plain=plain, search=replace(opened.search, form=filled.form)), filled


def _posted(request: HttpRequest, experiment: Experiment) -> Opened:
    opened = _stored(experiment)
    posted = {str(name): str(value) for name, value in request.POST.items() if name != "base"}
    search = opened.search.posted(posted) if opened.search else None
    refusal = unstorable(posted)
    errors = (FieldError("", "", refusal),) if refusal else ()
    return replace(opened, plain=opened.plain.posted(posted), search=search, errors=errors)


def _save(request: HttpRequest, opened: Opened) -> HttpResponse:
    settings, errors = _checked(opened)
    changes, wrong = opened.plain.read()
    if errors or wrong:
        return _page(request, replace(opened, errors=(*errors, *wrong)), status=422)
    revision = opened.plain.revision or 0
    if revision != opened.experiment.revision:
        return _conflict(request, opened)
    mark = _mark(opened)
    made = opened.experiment.trials.count()
    too_few = made if changes["max_trials"] < made else 0
    is_confirmed = request.POST.get("confirmed") == mark
    if (settings is not None or too_few) and not is_confirmed:
        effect = settings and edit_effect(opened.experiment, opened.version, settings)
        plain = plain_changes(opened.experiment, opened.plain)
        return _page(request, opened, effect=effect, mark=mark, plain=plain, too_few=too_few)
    try:
        edit_experiment(
            opened.experiment,
            revision=revision,
            by=permissions.signed_in(request),
            search=settings,
            **changes,
        )
    except StaleEdit:
        return _conflict(request, opened)
    except (NotAllowed, SpaceError) as refusal:
        error = FieldError("", "", str(refusal))
        return _page(request, replace(opened, errors=(error,)), status=422)
    messages.info(request, "Saved.")
    return redirect("experiments:detail", opened.experiment.code)


def _checked(opened: Opened) -> tuple[SearchSettings | None, tuple[FieldError, ...]]:
    """The search's settings where they change; and everything that is wrong with them."""
    if opened.errors or opened.search is None or not opened.search.is_changed():
        return None, opened.errors
    settings, errors = opened.search.read()
    return settings, tuple(errors)


def _conflict(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Somebody saved since the page was opened: their changes and these, in one form."""
    experiment = Experiment.objects.select_related("project").get(pk=opened.experiment.pk)
    stored = _stored(experiment)
    now = flat(stored.plain, stored.search)
    typed = flat(opened.plain, opened.search)
    merged = merge(read_base(request.POST.get("base", "")), typed, now)
    plain, search = unflat(merged.fields, stored.plain, stored.search)
    rows = [(LABELS.get(name, name), now.get(name, ""), typed[name]) for name in merged.both]
    return _page(
        request,
        Opened(experiment, stored.version, plain, search),
        status=409,
        conflict=rows,
        taken=[(LABELS.get(name, name), now[name]) for name in merged.taken],
        is_stale=True,
        last=last_edit(experiment),
    )


def _mark(opened: Opened) -> str:
    """A digest of what was confirmed: another form or another edit needs another confirmation."""
    shown = [opened.experiment.revision, flat(opened.plain, opened.search)]
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()


def _page(
    request: HttpRequest, opened: Opened, *, status: int = 200, **extra: Any
) -> HttpResponse:
    stored = _stored(opened.experiment)
    at = {error.field: error.message for error in reversed(opened.errors)}
    context = {
        **frame_of(request, opened.experiment, "edit"),
        "plain_fields": opened.plain.views(at),
        "revision": stored.plain.revision if extra.get("is_stale") else opened.plain.revision,
        "base": json.dumps(flat(stored.plain, stored.search)),
        "page": edit_page(opened.search, opened.errors),
        "errors": opened.errors,
        **extra,
    }
    return render(request, "edit/edit.html", context, status=status)
