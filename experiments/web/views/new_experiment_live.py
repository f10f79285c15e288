"""Room: web. What the new-experiment form requests while a person types: its meaning, and saving the draft."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_POST

from experiments import permissions
from experiments.models import Draft, Role
from experiments.number_words import plain
from experiments.reports.datasets.usable import usable_data
from experiments.services.experiments.drafts import save_draft
from experiments.services.experiments.edits import StaleEdit
from experiments.web.forms.experiment.form import draft_body, unstorable
from experiments.web.forms.experiment.sentences import earlier_words
from experiments.web.views.new_experiment_page import Opened, setting_of
from experiments.web.views.new_experiment_state import FormState, posted_fields

HISTOGRAM = "new_experiment/_histogram.html"
MOST_DIFFERENCES = 30


@require_POST
def preview(request: HttpRequest, slug: str) -> JsonResponse:
    """Answer a form with its problems by field, draws, histograms, and the panels as HTML."""
    project = permissions.get_project(request.user, slug, Role.EDITOR)
    choices = usable_data(project)
    if not choices:
        return JsonResponse({"error": "The project has no data yet."}, status=422)
    posted = posted_fields(request.POST)
    setting = setting_of(project, posted, choices)
    opened = Opened(project, setting, setting.form_of(posted), FormState.from_post(posted))
    meaning = opened.meaning()
    space = meaning.space
    answer: dict[str, Any] = {
        "problems": [
            {"field": error.field, "label": error.label, "message": error.message}
            for error in meaning.errors
        ],
        "size": space.size if space else None,
        "size_words": space.size_words if space else "",
        "kept": space.kept if space else None,
        "names": list(space.names) if space else [],
        "draws": [[plain(value) for value in values] for values in space.draws] if space else [],
        "histograms": {
            name: {
                "active": histogram.active,
                "bars": [[bar.height, bar.label, bar.count] for bar in histogram.bars],
                "html": render_to_string(HISTOGRAM, {"histogram": histogram}),
            }
            for name, histogram in meaning.histograms.items()
        },
        "says": {
            "protocol": meaning.cost.words if meaning.cost else "",
            "expression": meaning.objective,
            "objectives": meaning.more_objectives,
            "epochs": meaning.epochs,
            "sampler": meaning.sampling,
            "pruner": meaning.pruning,
            "warm": earlier_words(opened.earlier(others=0), opened.sampler),
        },
        "html": render_to_string("new_experiment/_meaning.html", {"meaning": meaning}, request),
    }
    return JsonResponse(answer)


@require_POST
def draft(request: HttpRequest, slug: str) -> JsonResponse:
    """Keep the form as typed; 409 with both versions when another tab saved in between."""
    project = permissions.get_project(request.user, slug, Role.EDITOR)
    posted = posted_fields(request.POST)
    refusal = unstorable(posted)
    if refusal:
        return JsonResponse({"error": refusal}, status=422)
    body = draft_body(posted)
    revision = FormState.from_post(posted).revision
    try:
        kept = save_draft(project, permissions.signed_in(request), body, revision)
    except StaleEdit as error:
        assert isinstance(error.current, Draft)
        return JsonResponse(_conflict(body, error.current), status=409)
    saved = timezone.localtime().strftime("%H:%M")
    return JsonResponse({"revision": kept.revision, "saved": saved})


def _conflict(body: dict[str, str], current: Draft) -> dict[str, Any]:
    """Both versions, field by field, where they differ."""
    theirs: dict[str, Any] = current.body
    names = [name for name in {**theirs, **body} if theirs.get(name, "") != body.get(name, "")]
    differences = [
        {"field": name, "mine": body.get(name, ""), "theirs": theirs.get(name, "")}
        for name in names[:MOST_DIFFERENCES]
    ]
    return {
        "error": "Another tab saved this draft meanwhile.",
        "revision": current.revision,
        "saved": timezone.localtime(current.updated).strftime("%H:%M"),
        "differences": differences,
    }
